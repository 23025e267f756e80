# Times emIRT::dynIRT on votes of the General Assembly, yes against not yes, for scale.py.
# Rscript dynirt.R VOTES.csv TOLERANCE: columns state, period (number), roll_call, yes (1 or 0).
suppressMessages(library(emIRT))
given <- commandArgs(TRUE)
votes <- read.csv(given[1], colClasses = c("character", "integer", "character", "integer"))
calls <- unique(votes[order(votes$period), c("roll_call", "period")])
states <- sort(unique(votes$state))
rc <- matrix(0, length(states), nrow(calls))
rc[cbind(match(votes$state, states), match(votes$roll_call, calls$roll_call))] <- 2 * votes$yes - 1
split <- colSums(rc == 1) > 0 & colSums(rc == -1) > 0
rc <- rc[, split]
session <- as.integer(factor(calls$period[split])) - 1L
periods <- max(session) + 1L
there <- rowSums(rc != 0) > 0
rc <- rc[there, ]
first <- apply(rc != 0, 1, function(on) min(session[on]))
last <- apply(rc != 0, 1, function(on) max(session[on]))
# A start from who votes with whom: the leading direction of the correlations between states.
score <- scale(svd(scale(t(rc), scale = FALSE), nu = 0, nv = 1)$v[, 1])[, 1]
x <- matrix(0, nrow(rc), periods)
for (i in seq_len(nrow(rc))) x[i, (first[i]:last[i]) + 1] <- score[i]
slope <- sign(colSums(rc * score))
column <- function(values) matrix(values, length(values), 1)
time <- system.time(fit <- dynIRT(
  .data = list(rc = rc, startlegis = column(first), endlegis = column(last),
               bill.session = column(session), T = periods),
  .starts = list(alpha = column(rep(0, ncol(rc))), beta = column(slope), x = x),
  .priors = list(x.mu0 = column(rep(0, nrow(rc))), x.sigma0 = column(rep(1, nrow(rc))),
                 beta.mu = column(c(0, 0)), beta.sigma = diag(1, 2),
                 omega2 = column(rep(0.1, nrow(rc)))),
  .control = list(threads = 1L, verbose = FALSE, thresh = as.numeric(given[2]), maxit = 5000)))
cat(time[["elapsed"]], fit$runtime$iters, fit$runtime$conv, sum(rc != 0), "\n")
