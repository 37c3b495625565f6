# Makes fayherriot.csv with R's package sae 1.3; run in this folder. See README.md.
# milk: spending on fresh milk in 43 areas of four regions, Arora & Lahiri (1997), Statistica Sinica 7;
# towns: invented; alike: invented, towns that do not differ beyond sampling (REML is 0).
suppressMessages(library(sae))
stopifnot(packageVersion("sae") == "1.3")
data(milk)
out <- NULL
keep <- function(case, y, D, X) {
  colnames(X) <- NULL
  r <- mseFH(y ~ X - 1, D, method = "REML", MAXITER = 10000, PRECISION = 1e-14)
  stopifnot(r$est$fit$convergence)
  row <- function(what, i, value) data.frame(case, what, i, value = sprintf("%.17g", as.numeric(value)))
  i <- seq_along(y)
  out <<- rbind(out, row("y", i, y), row("D", i, D), row("model_variance", 1, r$est$fit$refvar),
                row("beta", seq_len(ncol(X)), r$est$fit$estcoef$beta), row("eblup", i, r$est$eblup), row("mse", i, r$mse))
  for (k in seq_len(ncol(X))) out <<- rbind(out, row(paste0("x", k), i, X[, k]))
}
keep("milk", milk$yi, milk$SD^2, model.matrix(~as.factor(MajorArea), milk))
keep("milk-mean", milk$yi, milk$SD^2, matrix(1, nrow(milk), 1))
set.seed(5)
m <- 20
n <- sample(30:120, m, TRUE)
x <- round(runif(m), 3)
y <- round(0.03 + 0.06 * x + rnorm(m, 0, 0.05) + rnorm(m, 0, sqrt(0.09 / n)), 5)
keep("towns", y, 0.09 / n, cbind(1, x))
keep("alike", round(0.05 + rnorm(m, 0, sqrt(0.02 / n)), 5), 0.09 / n, matrix(1, m, 1))
write.csv(out, "fayherriot.csv", row.names = FALSE, quote = FALSE)
