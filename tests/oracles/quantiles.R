# Makes quantiles.csv from sample.csv; run in this folder after survey.R. See README.md.
suppressMessages(library(survey))
stopifnot(packageVersion("survey") == "4.5")
d <- read.csv("sample.csv", colClasses = c(household = "character"))
out <- NULL
keep <- function(design, q, interval, level, variable, domain, r) {
  for (k in 1:4)
    out <<- rbind(out, data.frame(design, q, interval, level, variable, domain,
                                  statistic = c("estimate", "low", "high", "se")[k], value = sprintf("%.17g", r[[k]])))
}
quantiles <- function(name, des, domain = "") {
  for (v in c("amount", "persons")) for (q in c(0.1, 0.25, 0.5, 0.75, 0.9))
    for (interval in c("mean", "beta", "xlogit", "asin")) for (level in if (interval == "mean") c(0.95, 0.8) else 0.95) {
      r <- tryCatch(svyquantile(as.formula(paste0("~", v)), des, q, alpha = 1 - level, interval.type = interval)[[1]],
                    error = function(e) NULL)
      if (!is.null(r)) keep(name, q, interval, level, v, domain, r)
    }
}
everything <- function(name, des) {
  quantiles(name, des)
  for (k in c("a", "b", "c")) quantiles(name, subset(des, kind == k), k)
}
two <- svydesign(~village + household, strata = ~stratum, fpc = ~N + M, data = d, nest = TRUE)
everything("two-stage", two)
everything("one-stage", svydesign(~village, strata = ~stratum, fpc = ~N, data = d))
everything("with-replacement", svydesign(~village, strata = ~stratum, weights = ~weight, data = d))
everything("post-stratified", postStratify(two, ~kind, data.frame(kind = c("a", "b", "c"), Freq = c(150, 170, 160))))
write.csv(out, "quantiles.csv", row.names = FALSE, quote = FALSE)
