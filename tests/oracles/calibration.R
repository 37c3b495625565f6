# Makes calibration.csv from sample.csv; run in this folder. See README.md.
suppressMessages(library(survey))
stopifnot(packageVersion("survey") == "4.5")
d <- read.csv("sample.csv", colClasses = c(household = "character"))
d$constant <- 1
out <- NULL
keep <- function(design, step, verb, variable, domain, statistic, value) {
  out <<- rbind(out, data.frame(design, step, verb, variable, domain, statistic, value = sprintf("%.17g", value)))
}
verbs <- function(name, step, des, domain = "") {
  for (v in c("error", "amount", "wrong")) {
    f <- as.formula(paste0("~", v))
    for (pair in list(list("mean", svymean(f, des)), list("total", svytotal(f, des)))) {
      keep(name, step, pair[[1]], v, domain, "estimate", coef(pair[[2]])[[1]])
      keep(name, step, pair[[1]], v, domain, "se", SE(pair[[2]])[[1]])
    }
  }
  r <- svyratio(~wrong, ~amount, des)
  keep(name, step, "ratio", "wrong/amount", domain, "estimate", coef(r)[[1]])
  keep(name, step, "ratio", "wrong/amount", domain, "se", SE(r)[[1]])
}
tell <- function(name, step, des, before) {
  g <- weights(des) / weights(before)
  for (row in c(1, 40, 80)) keep(name, step, "g", row, "", "g", g[[row]])
  keep(name, step, "g", "all", "", "min", min(g))
  keep(name, step, "g", "all", "", "max", max(g))
  verbs(name, step, des)
  for (k in c("a", "b", "c")) verbs(name, step, subset(des, kind == k), k)
}
designs <- list(
  "two-stage" = svydesign(~village + household, strata = ~stratum, fpc = ~N + M, data = d, nest = TRUE),
  "one-stage" = svydesign(~village, strata = ~stratum, fpc = ~N, data = d),
  "with-replacement" = svydesign(~village, strata = ~stratum, weights = ~weight, data = d)
)
tight <- list(epsilon = 1e-13, maxit = 100)
for (name in names(designs)) {
  des <- designs[[name]]
  # totals some way off those of the sample, in round numbers, the same in every design but for a factor
  k <- c("two-stage" = 1, "one-stage" = 0.5, "with-replacement" = 25)[[name]]
  one <- k * c("(Intercept)" = 500, persons = 1560, amount = 110000)
  kinds <- k * c(kinda = 150, kindb = 190, kindc = 160)
  strata <- k * c(A = 195, B = 140, C = 90, D = 75)
  greg <- calibrate(des, ~persons + amount, one)
  tell(name, "linear", greg, des)
  tell(name, "linear-category", calibrate(des, ~0 + kind + persons, c(kinds, persons = k * 1560)), des)
  both <- c("(Intercept)" = k * 500, kinds[-1], stratumB = k * 140, stratumC = k * 90, stratumD = k * 75)
  run <- function(calfun, bounds = c(-Inf, Inf), f = ~persons + amount, totals = one) {
    calibrate(des, f, totals, calfun = calfun, bounds = bounds, epsilon = 1e-13, maxit = 200)
  }
  limits <- range(weights(greg) / weights(des))
  limits <- 1 + (limits - 1) * 0.85  # some households lie on the bounds
  for (end in 1:2) keep(name, "bounds", "bounds", "", "", c("low", "high")[end], limits[end])
  tell(name, "linear-bounded", run("linear", limits), des)
  tell(name, "raking", run("raking"), des)
  tell(name, "raking-bounded", run("raking", limits), des)
  tell(name, "logit", run("logit", limits), des)
  tell(name, "raking-margins", run("raking", f = ~kind + stratum, totals = both), des)
  raked <- rake(des, list(~stratum, ~kind), list(
    data.frame(stratum = names(strata), Freq = strata), data.frame(kind = c("a", "b", "c"), Freq = kinds)
  ), control = list(maxit = 1000, epsilon = 1e-15))
  tell(name, "rake", raked, des)
  tell(name, "poststratify", postStratify(des, ~kind, data.frame(kind = c("a", "b", "c"), Freq = kinds)), des)
}
write.csv(out, "calibration.csv", row.names = FALSE, quote = FALSE)
