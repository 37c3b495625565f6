# Makes sample.csv, lonely.csv and survey.csv; run in this folder. See README.md.
suppressMessages(library(survey))
stopifnot(packageVersion("survey") == "4.5")
RNGkind("Mersenne-Twister", "Inversion", "Rejection")
set.seed(20240611)

draw <- function(frame, taken) {
  rows <- list()
  for (h in names(frame)) {
    sizes <- sample(6:24, frame[[h]], replace = TRUE)
    for (i in sort(sample(frame[[h]], taken[[h]]))) {
      M <- sizes[i]
      m <- max(2, ceiling(M / 2))
      rate <- rbeta(1, 1.2, 3)
      rows[[length(rows) + 1]] <- data.frame(
        stratum = h, village = sprintf("%s%02d", h, i), household = sprintf("%03d", sort(sample(M, m))),
        N = frame[[h]], M = M, error = rbinom(m, 1, rate), rare = rbinom(m, 1, 0.02),
        amount = round(rlnorm(m, 5.3, 0.4), 2), persons = sample(1:5, m, TRUE), kind = sample(c("a", "b", "c"), m, TRUE)
      )
    }
  }
  d <- do.call(rbind, rows)
  d$wrong <- d$error * d$amount
  d$weight <- round(runif(nrow(d), 5, 9)[match(d$village, unique(d$village))] * d$M, 4)
  d
}
d <- draw(list(A = 12, B = 9, C = 7, D = 5), list(A = 4, B = 3, C = 3, D = 2))
lonely <- draw(list(A = 8, B = 6, C = 6, D = 5, E = 1), list(A = 3, B = 1, C = 1, D = 2, E = 1))
write.csv(d, "sample.csv", row.names = FALSE, quote = FALSE)
write.csv(lonely, "lonely.csv", row.names = FALSE, quote = FALSE)

out <- NULL
keep <- function(design, verb, variable, domain, statistic, value) {
  out <<- rbind(out, data.frame(design, verb, variable, domain, statistic, value = sprintf("%.17g", value)))
}
verbs <- function(name, des, domain = "", deff = TRUE) {
  for (v in c("error", "amount", "wrong")) {
    f <- as.formula(paste0("~", v))
    m <- svymean(f, des, deff = deff)
    t <- svytotal(f, des, deff = deff)
    for (pair in list(list("mean", m), list("total", t))) {
      keep(name, pair[[1]], v, domain, "estimate", coef(pair[[2]])[[1]])
      keep(name, pair[[1]], v, domain, "se", SE(pair[[2]])[[1]])
      if (deff) keep(name, pair[[1]], v, domain, "deff", deff(pair[[2]])[[1]])
    }
  }
  r <- svyratio(~wrong, ~amount, des, deff = deff)
  keep(name, "ratio", "wrong/amount", domain, "estimate", coef(r)[[1]])
  keep(name, "ratio", "wrong/amount", domain, "se", SE(r)[[1]])
  if (deff) keep(name, "ratio", "wrong/amount", domain, "deff", attr(r, "deff")[1, 1])
  keep(name, "df", "", domain, "df", degf(des))
}
intervals <- function(name, des, v, domain = "") {
  f <- as.formula(paste0("~", v))
  for (method in c("mean", "logit", "asin", "beta", "xlogit", "wilson", "likelihood")) {
    for (level in c(0.95, 0.9)) {
      ci <- tryCatch(confint(svyciprop(f, des, method = method, level = level)), error = function(e) NULL)
      if (is.null(ci)) next  # R's likelihood profile does not always converge
      for (end in 1:2) keep(name, paste0("share-", method, "-", level), v, domain, c("low", "high")[end], ci[[end]])
    }
  }
}
everything <- function(name, des, deff = TRUE) {
  verbs(name, des, deff = deff)
  intervals(name, des, "error")
  for (k in c("a", "b", "c")) {
    part <- subset(des, kind == k)
    verbs(name, part, k, deff = FALSE)
    intervals(name, part, "error", k)
  }
}
two <- svydesign(~village + household, strata = ~stratum, fpc = ~N + M, data = d, nest = TRUE)
everything("two-stage", two)
everything("one-stage", svydesign(~village, strata = ~stratum, fpc = ~N, data = d))
everything("with-replacement", svydesign(~village, strata = ~stratum, weights = ~weight, data = d))
d$H <- ave(d$M, d$stratum, FUN = function(M) sum(unique(M)) * 3)
everything("single-stage", svydesign(~1, strata = ~stratum, fpc = ~H, data = d))
ps <- postStratify(two, ~kind, data.frame(kind = c("a", "b", "c"), Freq = c(150, 170, 160)))
everything("post-stratified", ps, deff = FALSE)
strata <- postStratify(two, ~stratum, data.frame(stratum = c("A", "B", "C", "D"), Freq = c(180, 130, 95, 80)))
everything("post-stratified-by-stratum", strata, deff = FALSE)

l <- svydesign(~village + household, strata = ~stratum, fpc = ~N + M, data = lonely, nest = TRUE)
for (rule in c("certainty", "remove", "average", "adjust")) {
  options(survey.lonely.psu = rule)
  verbs(paste0("lonely-", rule), l, deff = FALSE)
  verbs(paste0("lonely-", rule), subset(l, kind == "a"), "a", deff = FALSE)
}
options(survey.lonely.psu = "fail")
lonely$together <- ifelse(lonely$stratum %in% c("B", "C"), "BC", lonely$stratum)  # N is 6 in both
c2 <- svydesign(~village + household, strata = ~together, fpc = ~ifelse(together == "BC", 12, N) + M, data = lonely,
                weights = ~I(c(A = 8/3, B = 6, C = 6, D = 5/2, E = 1)[stratum] * M / ave(M, village, FUN = length)), nest = TRUE)
verbs("lonely-collapse", c2, deff = FALSE)
verbs("lonely-collapse", subset(c2, kind == "a"), "a", deff = FALSE)
write.csv(out, "survey.csv", row.names = FALSE, quote = FALSE)
