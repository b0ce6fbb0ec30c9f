# For sourcing: tables of a study that nobody trained, for the figures of `dlexp batchnorm` over rates and seeds.

# study_tables FOLDER RATES SEEDS [FAIL] [SETTING=VALUE,VALUE]: summary.csv, groups.csv, pairs.csv, claims.csv and
# tuning.csv of none and batchnorm.  FAIL none: runs train as on MNIST, the plain net up to lr 0.3, with BatchNorm up to 3;
# all: no run trains; apart: the plain net never gets to the target.
study_tables() {
    local folder=$1 rates=$2 seeds=$3 fail=${4:-none} setting=${5:-}
    mkdir -p "$folder"
    awk -v folder="$folder" -v rates="$rates" -v seeds="$seeds" -v fail="$fail" -v setting="$setting" '
    function noise(a, b, c) { return (a * 7919 + b * 104729 + c * 1299709) % 1000 / 1000 - 0.5 }
    function log10(x) { return log(x) / log(10) }
    function sort(x, n,   i, j, t) {
        for (i = 2; i <= n; i++) { t = x[i]; for (j = i; j > 1 && x[j - 1] > t; j--) x[j] = x[j - 1]; x[j] = t }
    }
    function median(x, n) { sort(x, n); return n % 2 ? x[(n + 1) / 2] : (x[n / 2] + x[n / 2 + 1]) / 2 }
    # One setting that varies stands behind the keys.
    function varied(v) { return key == "" ? "" : "," value[v] }
    BEGIN {
        count = split(rates, lr, " "); T = 87.5; values = 1
        if (setting != "") { key = setting; sub(/=.*/, "", key); sub(/^[^=]*=/, "", setting); values = split(setting, value, ",") }
        head = key == "" ? "" : "," key
        summary = folder "/summary.csv"; groups = folder "/groups.csv"; pairs = folder "/pairs.csv"
        claims = folder "/claims.csv"; tuning = folder "/tuning.csv"
        print "norm,lr,seed" head ",status,final_test_accuracy_percent,outcome,steps_to_target" > summary
        print "norm,lr" head ",runs,trained,selected_on,final_test_percent_median,final_test_percent_median_low,final_test_percent_median_high" > groups
        print "claim,lr,at" head ",seed,lr_batchnorm,lr_none,measured,batchnorm,none,effect" > pairs
        print "source,claim,lr" head ",threshold,verdict,id,estimate,low,high,level,method,n,failed,at,margin" > claims
        print "norm,trials" head ",expected_best_percent,selected_on,runs" > tuning
        for (v = 1; v <= values; v++) one(v)
    }
    function one(v,   n, i, s, t, m, norm, best, at, x, all, k, wins) {
        for (n = 1; n <= 2; n++) {
            norm = n == 1 ? "none" : "batchnorm"; best[n] = 0; at[n] = 1; all = 0
            for (i = 1; i <= count; i++) {
                trained = 0
                for (s = 1; s <= seeds; s++) {
                    t = log10(lr[i]) - (n == 1 ? -1.2 : -0.7)
                    acc[n, i, s] = 97.6 + (n - 1) * 0.35 - 0.5 * t * t - (t > 0 ? 0.6 * t * t : 0) + 0.4 * noise(n, i, s) + (v - 1) * 0.2
                    step[n, i, s] = int(2 ^ (1.5 + t * t + noise(s, n, i) + (n == 1))) * 100
                    outcome = "trained"
                    if (lr[i] > (n == 1 ? 0.3 : 3) * (1 + noise(i, n, s)) || fail == "all") { acc[n, i, s] = 10 + 1.2 * noise(s, i, n); outcome = "failed" }
                    if (outcome == "failed" && lr[i] >= 10 && n == 1) { acc[n, i, s] = ""; outcome = "diverged" }
                    if (outcome != "trained" || (fail == "apart" && n == 1)) step[n, i, s] = "inf"
                    trained += outcome == "trained"
                    print norm "," lr[i] "," s varied(v) "," (outcome == "diverged" ? "diverged" : "completed") "," acc[n, i, s] "," outcome "," (step[n, i, s] == "inf" ? "" : step[n, i, s]) > summary
                    x[s] = acc[n, i, s] == "" ? 11.35 : acc[n, i, s]; pool[n, ++all] = x[s]
                }
                m = median(x, seeds)
                print norm "," lr[i] varied(v) "," seeds "," trained ",validation," m "," (seeds < 6 ? "," : x[2] "," x[seeds - 1]) > groups
                if (seeds && m > best[n]) { best[n] = m; at[n] = i }
            }
            # Close to the expected best of so many trials; nothing here depends on how close.
            for (k = 1; k <= all; k++) x[k] = pool[n, k]
            sort(x, all)
            for (k = 1; k <= all / 2; k++) print norm "," k varied(v) "," x[int(all - all / (k + 1)) < 1 ? 1 : int(all - all / (k + 1))] ",validation," all > tuning
        }
        ratios(v, "faster", "converges faster", at)
        for (i = 1; i <= count; i++) better(v, "lr " lr[i], lr[i], i, i)
        if (count * seeds) better(v, "each net at its own best rate", "", at[1], at[2])
    }
    function ratios(v, id, text, at,   s, x, r, m) {
        for (s = 1; s <= seeds && count; s++) {
            r = step[1, at[1], s] == "inf" ? (step[2, at[2], s] == "inf" ? "" : "inf") : step[2, at[2], s] == "inf" ? 0 : step[1, at[1], s] / step[2, at[2], s]
            x[s] = r == "inf" || r == "" ? 1e9 : r
            print id ",,each net at its own fastest rate" varied(v) "," s "," lr[at[2]] "," lr[at[1]] ",steps," step[2, at[2], s] "," step[1, at[1], s] "," r > pairs
        }
        m = seeds && count ? median(x, seeds) : ""
        print "Ioffe & Szegedy 2015," text "," varied(v) "," T ",supported," id "," (m == 1e9 ? "inf" : m) "," (seeds < 6 ? "," : (x[2] == 1e9 ? "inf" : x[2]) "," (x[seeds - 1] == 1e9 ? "inf" : x[seeds - 1])) \
            ",0.978515625,\"order interval and sign test, paired\"," seeds ",0,each net at its own fastest rate,1.25" > claims
        print "Ioffe & Szegedy 2015,permits larger rates," varied(v) "," T ",supported,rates,4.6,2.2,10,0.978515625,\"order interval and sign test, paired\"," seeds ",0,from each net'"'"'s own best rate up,1.25" > claims
    }
    function better(v, where, rate, a, b,   s, sum, d, x, sd) {
        sum = 0; sd = 0
        for (s = 1; s <= seeds; s++) {
            d = (acc[2, b, s] == "" ? 11.35 : acc[2, b, s]) - (acc[1, a, s] == "" ? 11.35 : acc[1, a, s])
            x[s] = d; sum += d
            print "better," rate "," where varied(v) "," s "," lr[b] "," lr[a] ",accuracy," acc[2, b, s] "," acc[1, a, s] "," d > pairs
        }
        for (s = 1; s <= seeds; s++) sd += (x[s] - sum / seeds) ^ 2
        sd = seeds > 1 ? sqrt(sd / (seeds - 1) / seeds) * 2.3 : 0
        print "Ioffe & Szegedy 2015,ends better," rate varied(v) ",,supported,better," (seeds ? sum / seeds : "") "," (seeds > 1 ? sum / seeds - sd "," sum / seeds + sd : ",") \
            ",0.95,\"Student t, paired\"," seeds ",0," where ",0.2" > claims
    }'
}

# published_table FILE NORMS RATES EPOCHS [RUNS]: published.csv.
published_table() {
    awk -v norms="$2" -v rates="$3" -v epochs="$4" -v runs="${5:-20}" 'BEGIN {
        print "norm,lr,epoch,runs,published_test_accuracy_percent,test_accuracy_seeds_mean,test_accuracy_seeds_sd,test_accuracy_seeds_low,test_accuracy_seeds_high,test_accuracy_z,test_accuracy_percentile"
        nets = split(norms, norm, " "); count = split(rates, lr, " ")
        for (n = 1; n <= nets; n++) for (i = 1; i <= count; i++) for (e = 1; e <= epochs; e++) {
            fails = norm[n] == "none" && lr[i] >= 0.5
            mean = fails ? 10.1 : 97.3 - 4 / e; sd = fails ? 0.02 : 0.1 + 0.3 / e
            seen = norm[n] == "none" && e == 13 ? "" : mean - (norm[n] == "batchnorm" && lr[i] >= 0.5 ? 6 : 0.7) * sd
            print norm[n] "," lr[i] "," e "," runs "," seen "," mean "," (runs > 1 ? sd : "") "," mean - (runs > 1) * 1.9 * sd "," mean + (runs > 1) * 1.8 * sd \
                "," (seen == "" || runs < 2 ? "" : (seen - mean) / sd) "," (seen == "" ? "" : 22.5)
        }
    }' >"$1"
}
