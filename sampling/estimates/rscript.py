"""The fixed part of `check.R`: it rebuilds a campaign's design in R and redoes every published estimate."""

HEAD = """# check.R, made by `sampling export DIR --r`. Run: Rscript check.R (needs R and its package survey)
# Reads survey.csv and estimates.csv beside it. Stops with an error where an estimate, a standard error or
# an interval that R has differs from the published one by more than 1e-6 of itself.
"""

BODY = r"""
suppressMessages(library(survey))
options(survey.lonely.psu = "certainty", width = 200)  # what lonely strata add stands below, by its formula
file <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
if (length(file)) setwd(dirname(gsub("~+~", " ", file, fixed = TRUE)))
CLOSE <- 1e-6
NOTHING <- 1e-200  # the weight of a village without a household: it counts as drawn, and adds nothing

read <- function(name) {
  t <- read.csv(name, colClasses = "character", na.strings = "\001", check.names = FALSE, encoding = "UTF-8")
  names(t)[1] <- gsub("[^A-Za-z_]", "", names(t)[1], useBytes = TRUE)  # without the mark of the encoding
  t
}
numbers <- function(t, columns) {
  t[columns] <- lapply(t[columns], as.numeric)
  t
}
all_rows <- numbers(read("survey.csv"), c("N", "n", "M", "m", "responded", "replaced",
  "stratum_households", "town_households", "weight_design", "weight_nonresponse", "weight_final", VALUES))
published <- numbers(read("estimates.csv"), c("estimate", "se", "low", "high", "confidence", "df"))
share_of <- function(values, unit) ave(values, unit, FUN = sum)
check_weights <- function(what, ours, theirs) {
  if (any(abs(ours / theirs - 1) > CLOSE)) stop(say["weights"], " ", what)
}

# 1. Weights: design, nonresponse within the village and then the stratum
respondents <- function(d, equal) {
  got <- as.numeric(d$responded == 1)
  d <- d[ave(got, d$stratum, FUN = max) == 1, ]
  got <- as.numeric(d$responded == 1)
  there <- d$household != ""
  if (equal) check_weights("weight_design", d$weight_design[there], ((d$N / d$n) * (d$M / d$m))[there])
  w0 <- ifelse(there, d$weight_design, 0)
  up <- function(before, after, unit)
    ifelse(share_of(after, unit) > 0, share_of(before, unit) / share_of(after, unit), 1)
  w <- w0
  if (any(d$substratum != "")) w <- w * up(w, w * got, paste(d$village, d$substratum, sep = "\001"))
  w <- w * up(w0, w * got, d$village) * got
  w <- w * up(w0, w, d$stratum)
  d$w <- ifelse(there, w, NOTHING)
  d <- d[got == 1 | !there, ]
  there <- d$household != ""
  check_weights("weight_nonresponse", d$w[there], d$weight_nonresponse[there])
  d$household[!there] <- "(none)"
  d$M[!there] <- 1
  d
}
# 2. The design in R: villages, then households, both finite population corrections
design_of <- function(d) {
  strata <- if (all(d$substratum == "")) ~stratum else ~stratum + substratum
  svydesign(~village + household, strata = strata, fpc = ~N + M, weights = ~w, data = d, nest = TRUE)
}
# 3. The households of the roll by stratum; a town's silent strata are spread over its others
roll_totals <- function(d) {
  s <- d[!duplicated(d$stratum), c("stratum", "township", "stratum_households", "town_households")]
  s$Freq <- s$stratum_households * s$town_households / share_of(s$stratum_households, s$township)
  s[c("stratum", "Freq")]
}

# What R's survey does not do: strata with one village of several are taken together (column together), and a
# village with one inspected household of several takes the mean spread of the others.
centred <- function(d, E, unit) {
  mean <- rowsum(d$w * E, unit) / rowsum(d$w, unit)[, 1]
  E - mean[match(unit, rownames(mean)), , drop = FALSE]
}
villages_of <- function(d) {
  v <- d[!duplicated(d$village), c("village", "stratum", "township", "together", "N")]
  v$n <- ave(v$N, v$stratum, FUN = length)
  v$lonely <- v$n == 1 & v$N > 1
  v
}
by_village <- function(Z, d, v) rowsum(Z, d$village)[v$village, , drop = FALSE]

# of the roll: residuals around the group's mean, each stratum in proportion to (1 - f) (sum of weights)^2
first_together <- function(d, E, v, strata) {
  Z <- by_village(d$w * centred(d, E, ifelse(d$together == "", d$stratum, d$together)), d, v)
  w <- by_village(cbind(d$w), d, v)[, 1]
  found <- numeric(ncol(E))
  for (g in setdiff(unique(v$together), "")) {
    here <- v$together == g
    unused <- 1 - v$n / v$N
    k <- sum(here)
    spread <- colSums((unused * Z^2)[here, , drop = FALSE]) * k / (k - 1)
    part <- here & v$lonely & v$stratum %in% strata
    found <- found + spread * sum((unused * w^2)[part]) / sum((unused * w^2)[here])
  }
  found
}
# of another list: the spread around the mean of the group instead of that of each of its strata
list_together <- function(d, E, v) {
  Z <- by_village(d$w * E, d, v)
  found <- numeric(ncol(E))
  spread <- function(here) {
    X <- sweep(Z[here, , drop = FALSE], 2, colMeans(Z[here, , drop = FALSE]))
    colSums((1 - v$n / v$N)[here] * X^2) * sum(here) / max(sum(here) - 1, 1)
  }
  for (g in setdiff(unique(v$together), "")) {
    found <- found + spread(v$together == g)
    for (s in unique(v$stratum[v$together == g & !v$lonely])) found <- found - spread(v$stratum == s)
  }
  found
}
# a village of which one household was inspected: the mean spread of the others of its group, else of all
second_alone <- function(d, Z, v, strata) {
  cell <- paste(d$village, d$substratum, sep = "\001")
  first <- d[!duplicated(cell), ]
  names <- cell[!duplicated(cell)]
  count <- rowsum(rep(1, nrow(d)), cell)[names, 1]
  mean_w <- rowsum(d$w, cell)[names, 1] / count
  middle <- (rowsum(Z, cell)[names, , drop = FALSE] / count)[match(cell, names), , drop = FALSE]
  s2 <- rowsum((Z - middle)^2, cell)[names, , drop = FALSE] / pmax(count - 1, 1) / mean_w^2
  group <- ifelse(first$together == "", first$stratum, first$together)
  many <- count > 1
  chance <- (v$n / v$N)[match(first$village, v$village)]
  found <- numeric(ncol(Z))
  for (i in which(count == 1 & first$M > 1 & first$stratum %in% strata)) {
    mine <- many & group == group[i]
    if (!any(mine)) mine <- many
    if (!any(mine)) next
    found <- found + chance[i] * (1 - 1 / first$M[i]) * colMeans(s2[mine, , drop = FALSE]) * mean_w[i]^2
  }
  found
}

# 4. The roll: post-stratified, every measure in every domain
roll <- respondents(all_rows[all_rows$list == "", ], !("" %in% UNEQUAL))
design <- postStratify(design_of(roll), ~stratum, roll_totals(roll))
roll$w <- as.numeric(weights(design))
there <- roll$household != "(none)"
check_weights("weight_final", roll$w[there], roll$weight_final[there])
villages <- villages_of(roll)
answering <- unique(roll$township)
known_of <- function(by, domain, base) {
  found <- known$value[known$by == by & known$domain == domain & known$base == base]
  if (length(found)) found else NA
}
heard <- known$by == "township" & known$base == "households" & known$domain %in% answering
raised <- if (any(heard)) known_of("", "", "households") / sum(known$value[heard]) else 1
errors_of <- function(total) {
  if (total == "net_yuan") return(errors_of("overpaid_yuan") - errors_of("underpaid_yuan"))
  ifelse(there, roll[[total]], 0)
}
inside <- function(by, domain)
  if (by %in% c("category", "new_inclusion", "reason")) roll[[by]] == domain else TRUE
redo <- function(rows) {  # one row per measure and domain: its total and the variance of that
  E <- sapply(seq_len(nrow(rows)), function(i) errors_of(rows$total[i]) * inside(rows$by[i], rows$domain[i]))
  E <- matrix(E, nrow(roll))
  town <- rows$by == "township"
  Y <- sapply(seq_len(nrow(rows)), function(i) E[, i] * (!town[i] | roll$township == rows$domain[i]))
  Y <- matrix(Y, nrow(roll))
  total <- svytotal(Y, design)
  variance <- diag(as.matrix(vcov(total)))
  Z <- roll$w * centred(roll, E, roll$stratum)
  for (place in unique(ifelse(town, rows$domain, ""))) {
    these <- which(ifelse(town, rows$domain, "") == place)
    strata <- unique(roll$stratum[place == "" | roll$township == place])
    variance[these] <- variance[these] +
      first_together(roll, E[, these, drop = FALSE], villages, strata) +
      second_alone(roll, Z[, these, drop = FALSE], villages, strata)
  }
  rows$R <- as.numeric(coef(total)) * ifelse(town, 1, raised)
  rows$R_se <- sqrt(pmax(variance, 0)) * ifelse(town, 1, raised)
  silent <- town & !(rows$domain %in% answering)
  mean <- colSums(roll$w * E) / sum(roll$w[there])
  households <- vapply(rows$domain, function(t) known_of("township", t, "households"), 0)
  rows$R[silent] <- (mean * households)[silent]
  rows$R_se[silent] <- NA
  rows
}

# 5. Everything that was published, row by row
published$R <- published$R_se <- published$R_low <- published$R_high <- NA_real_
published$scale <- 1
is_share <- match(published$parameter, measures$share)
is_total <- match(published$parameter, measures$total)
place <- ifelse(is.na(is_share), is_total, is_share)
mine <- which(!is.na(place))
published$total <- measures$total[place]
published$base <- measures$base[place]
if (length(mine)) {
  key <- function(t) paste(t$total, t$by, t$domain, sep = "\001")
  wanted <- published[mine, ]
  wanted <- redo(wanted[!duplicated(key(wanted)), c("total", "by", "domain")])
  found <- match(key(published[mine, ]), key(wanted))
  size <- mapply(known_of, published$by[mine], published$domain[mine], published$base[mine])
  by <- ifelse(published$by[mine] == "reason", "", published$by[mine])
  whole <- mapply(known_of, by, ifelse(by == "", "", published$domain[mine]), published$base[mine])
  published$scale[mine] <- pmax(whole, 1)
  per <- ifelse(is.na(is_share[mine]), 1, whole)
  per[per == 0] <- 1
  published$R[mine] <- wanted$R[found] / per
  published$R_se[mine] <- wanted$R_se[found] / per
  published$scale[mine] <- ifelse(per > 1, 1, published$scale[mine])
  if ("" %in% UNEQUAL) published$R_se[mine] <- NA
}
wrong <- function(d, name) d$verdict %in% (if (grepl("ineligible", name)) "ineligible" else ERROR)
plain <- roll[there & roll$replaced == 0, ]
for (i in grep("^plain_(ineligible|error)_share$", published$parameter))
  published$R[i] <- mean(wrong(plain, published$parameter[i]))
everybody <- all_rows[all_rows$list == "" & all_rows$household != "", ]
for (i in grep("^(ineligible|error)_share_if_missing_(correct|wrong)$", published$parameter)) {
  w <- everybody$weight_design
  goal <- roll_totals(everybody)
  w <- w * goal$Freq[match(everybody$stratum, goal$stratum)] / share_of(w, everybody$stratum)
  worst <- as.numeric(grepl("wrong$", published$parameter[i]))
  found <- ifelse(everybody$responded == 1, wrong(everybody, published$parameter[i]), worst)
  published$R[i] <- weighted.mean(found, w)
}
for (name in setdiff(unique(all_rows$list), "")) {
  parameters <- paste0(name, c(".entitled_share", ".entitled_households"))
  if (!any(published$parameter %in% parameters)) next
  length_of <- known_of("list", name, "households")
  of_list <- all_rows$list == name & (is.na(length_of) | all_rows$stratum %in% roll$stratum)
  d <- respondents(all_rows[of_list, ], !(name %in% UNEQUAL))
  y <- ifelse(d$household == "(none)", 0, as.numeric(d$verdict == "entitled"))
  w <- ifelse(d$household == "(none)", 0, d$w)
  p <- sum(w * y) / sum(w)
  total <- sum(w * y)
  U <- cbind(ifelse(d$household == "(none)", 0, (y - p) / sum(w)), y)
  if (!is.na(length_of)) {  # weights add up to the length of the list
    total <- p * length_of
    U[, 2] <- U[, 1] * length_of
    check_weights("weight_final", (w * length_of / sum(w))[w > 0], d$weight_final[w > 0])
  }
  v <- villages_of(d)
  variance <- diag(as.matrix(vcov(svytotal(U, design_of(d))))) + list_together(d, U, v) +
    second_alone(d, d$w * U, v, unique(d$stratum))
  for (k in 1:2) {
    i <- which(published$parameter == parameters[k])
    published$R[i] <- c(p, total)[k]
    published$R_se[i] <- if (name %in% UNEQUAL) NA else sqrt(pmax(variance[k], 0))
    if (k == 2) published$scale[i] <- max(sum(w), length_of, 1, na.rm = TRUE)
  }
}

# 6. Intervals that R has under the same name, where the design is wholly R's own
ours_alone <- function(strata) {
  d <- roll[roll$stratum %in% strata, ]
  count <- ave(d$M, d$village, d$substratum, FUN = length)
  all(d$together == "") && !any(count == 1 & d$M > 1) && all(d$household != "(none)")
}
R_HAS <- eval(formals(svyciprop)$method)  # wilson since survey 4.2
method <- sub("/.*", "", published$interval)
for (i in which(method %in% R_HAS & !is.na(is_share) & published$by %in% c("", "township") &
                published$base %in% "households" & !is.na(published$R_se))) {
  part <- published$by[i] == "" | roll$township == published$domain[i]
  if (raised != 1 || !ours_alone(unique(roll$stratum[part]))) next
  design$variables$y <- errors_of(published$total[i])
  ci <- confint(svyciprop(~y, subset(design, part), method = method[i], level = published$confidence[i]))
  published[i, c("R_low", "R_high")] <- as.numeric(ci)
}

# 7. Side by side
differs <- function(ours, theirs, scale, close = CLOSE)
  !is.na(ours) & !is.na(theirs) & abs(ours - theirs) > close * pmax(abs(ours), abs(theirs)) + 1e-13 * scale
near <- ifelse(method == "likelihood", 2e-3, CLOSE)  # R reads that one off between points
bad <- differs(published$estimate, published$R, published$scale) |
  differs(published$se, published$R_se, published$scale) |
  differs(published$low, published$R_low, published$scale, near) |
  differs(published$high, published$R_high, published$scale, near)
of_roll <- !is.na(place) & !is.na(published$R) & !("" %in% UNEQUAL)
bad <- bad | (of_roll & is.na(published$se) != is.na(published$R_se))
pairs <- paste0(c("", "R_"), rep(c("estimate", "se", "low", "high"), each = 2))
pairs[2] <- "R"
shown <- published[c("parameter", "by", "domain", pairs)]
print(format(shown, digits = 8), row.names = FALSE, right = FALSE)
tell <- function(what, rows) if (length(rows)) {
  cat("\n", say[what], " ", length(rows), "\n", sep = "")
  cat(paste0("  ", names(table(rows)), ": ", table(rows)), sep = "\n")
}
label <- published$parameter
tell("no_estimate", label[is.na(published$R)])
tell("no_se", label[!is.na(published$se) & is.na(published$R_se)])
tell("no_limits", published$interval[!is.na(published$low) & is.na(published$R_low)])
cat("\n", say["never"], "\n", sep = "")
cat(say["compared"], ": ", sum(!is.na(published$R)), " / ", sum(!is.na(published$R_se)), " / ",
    sum(!is.na(published$R_low)), "\n", sep = "")
if (any(bad)) {
  print(format(shown[bad, ], digits = 12), row.names = FALSE, right = FALSE)
  stop(say["differs"], " ", sum(bad))
}
cat(say["same"], "\n")
"""
