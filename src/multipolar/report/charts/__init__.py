"""One module a chart: rows of an exhibit in, a fragment of HTML with inline SVG out."""
