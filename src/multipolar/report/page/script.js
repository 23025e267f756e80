(function(){var d=document,r=d.documentElement;r.className="js";
function get(){try{return localStorage.getItem("multipolar-theme")}catch(e){return null}}
function put(v){try{localStorage.setItem("multipolar-theme",v)}catch(e){}}
var saved=get();if(saved==="dark"||saved==="light")r.setAttribute("data-theme",saved);
d.addEventListener("DOMContentLoaded",function(){
var t=d.getElementById("theme"),c=d.getElementById("copy");
if(t)t.addEventListener("click",function(){
var now=r.getAttribute("data-theme")||(matchMedia("(prefers-color-scheme: dark)").matches?"dark":"light");
var next=now==="dark"?"light":"dark";r.setAttribute("data-theme",next);put(next)});
if(c)c.addEventListener("click",function(){
var s=getSelection(),g=d.createRange();g.selectNodeContents(d.getElementById("citation"));
s.removeAllRanges();s.addRange(g);
function done(){c.textContent=c.getAttribute("data-done")}
if(navigator.clipboard&&navigator.clipboard.writeText)navigator.clipboard.writeText(s.toString()).then(done,function(){if(d.execCommand("copy"))done()});
else if(d.execCommand("copy"))done()})})})();
