# Makes replicates.csv from sample.csv; run in this folder. See README.md.
suppressMessages(library(survey))
stopifnot(packageVersion("survey") == "4.5")
d <- read.csv("sample.csv", colClasses = c(household = "character"))
d$frame <- 33  # of all strata together
out <- NULL
keep <- function(design, verb, variable, domain, statistic, value) {
  out <<- rbind(out, data.frame(design, verb, variable, domain, statistic, value = sprintf("%.17g", value)))
}
verbs <- function(name, des, domain = "") {
  for (v in c("error", "amount", "wrong")) {
    f <- as.formula(paste0("~", v))
    for (pair in list(list("mean", svymean(f, des)), list("total", svytotal(f, des)))) {
      keep(name, pair[[1]], v, domain, "estimate", coef(pair[[2]])[[1]])
      keep(name, pair[[1]], v, domain, "se", SE(pair[[2]])[[1]])
    }
  }
  r <- svyratio(~wrong, ~amount, des)
  keep(name, "ratio", "wrong/amount", domain, "estimate", coef(r)[[1]])
  keep(name, "ratio", "wrong/amount", domain, "se", SE(r)[[1]])
}
everything <- function(name, des) {
  verbs(name, des)
  for (k in c("a", "b", "c")) verbs(name, subset(des, kind == k), k)
}
two <- svydesign(~village + household, strata = ~stratum, fpc = ~N + M, data = d, nest = TRUE)
one <- svydesign(~village, strata = ~stratum, fpc = ~N, data = d)
again <- svydesign(~village, strata = ~stratum, weights = ~weight, data = d)
flat <- svydesign(~village, fpc = ~frame, data = d)
d$whole <- ifelse(d$stratum == "D", 2, d$N)  # one stratum taken whole
whole <- svydesign(~village, strata = ~stratum, fpc = ~whole, data = d)
jkn <- suppressWarnings(list(  # it warns that corrections after the first stage are dropped
  "two-stage" = as.svrepdesign(two, type = "JKn"), "one-stage" = as.svrepdesign(one, type = "JKn"),
  "with-replacement" = as.svrepdesign(again, type = "JKn"), "whole-stratum" = as.svrepdesign(whole, type = "JKn")
))
for (name in names(jkn)) everything(name, jkn[[name]])
everything("unstratified", as.svrepdesign(flat, type = "JK1"))
des <- jkn[["one-stage"]]
kinds <- data.frame(kind = c("a", "b", "c"), Freq = c(75, 95, 80))
towns <- data.frame(stratum = c("A", "B", "C", "D"), Freq = c(97.5, 70, 45, 37.5))
everything("post-stratified", postStratify(des, ~kind, kinds))
everything("calibrated", calibrate(des, ~persons + amount, c("(Intercept)" = 250, persons = 780, amount = 55000)))
everything("raked", rake(des, list(~stratum, ~kind), list(towns, kinds), control = list(maxit = 1000, epsilon = 1e-14)))
for (name in c("one-stage", "unstratified")) {
  rep <- if (name == "unstratified") as.svrepdesign(flat, type = "JK1") else des
  w <- weights(rep, "analysis")
  for (row in c(1, 50)) for (column in c(1, 5)) keep(name, "weight", row, "", column, w[row, column])
  keep(name, "count", "", "", "count", ncol(w))
}
write.csv(out, "replicates.csv", row.names = FALSE, quote = FALSE)
