/*
 * claim.h - what runs say of a claim: one type and one vocabulary for all experiments.
 */
#ifndef DLEXP_CLAIM_H
#define DLEXP_CLAIM_H

#include <stdbool.h>
#include <stddef.h>

/*
 * In the order in which they are asked for; a later one is given only where none before it fits.
 *
 * not comparable: the runs do not answer the question; the reason says why, and what to do.
 * supported: the effect is surely on the claim's side of none; contradicted: surely on the other side.  "Surely": its
 * interval at the claim's level leaves out "no effect".
 * equivalent: the effect is surely smaller than the margin that matters.
 * undecided: anything else, and whatever too few runs show.
 */
enum verdict { VERDICT_NOT_COMPARABLE, VERDICT_SUPPORTED, VERDICT_CONTRADICTED, VERDICT_EQUIVALENT, VERDICT_UNDECIDED };

/* verdict_name - "not comparable", ...: the words of every command, table and JSON. */
const char *verdict_name(enum verdict verdict);

/* An estimate with its interval; nan: there is none. */
struct measure {
    double estimate, low, high;
};

/* measure_none; measure_around - low and high are half_width away (nan: no interval). */
struct measure measure_none(void);
struct measure measure_around(double estimate, double half_width);

/* A claim compares a first thing, a, with a second one, b. */
struct claim {
    const char *id;     /* for programs: "faster" */
    const char *source; /* who says so */
    const char *text;   /* for people: "converges faster" */
    double lr;          /* at which it is judged; nan: at no single one */
    const char *threshold;
    char first[64], second[64]; /* what a and b are: "momentum f1" */
    const char *measured;       /* what the numbers of a and b are: "test accuracy after epoch 1, %" */
    bool iterations;            /* they are counts of iterations */
    struct measure a, b, effect;
    const char *effect_name; /* how a and b make the effect: "difference", "ratio" */
    double level;            /* of the intervals: 0.95; nan: there are none */
    const char *method;      /* of the effect's interval */
    size_t n, failed;        /* pairs of runs; runs among them that did not train */
    char at[96];             /* where it is judged: "each net at its own fastest rate"; "": `lr` says it */
    double margin;           /* an effect surely smaller than this makes no difference; nan: none is given */
    double p, p_holm;        /* two-sided, of the effect alone and in its family (holm.h); nan: there is none */
    double anytime_low, anytime_high; /* holds whenever one looks (anytime.h); nan: there is none */
    size_t needs;                 /* pairs more for an 80 % chance to see an effect of `margin`; 0: not known, or, */
    bool enough;                  /* with this, none */
    enum verdict verdict;         /* by the numbers for one look */
    enum verdict anytime_verdict; /* by those that hold whenever one looks */
    char reason[384];         /* why there is no verdict and what to do, or what to add to one; "" where it says all */
    char anytime_reason[384]; /* of anytime_verdict */
};

/* claim_make - without numbers; texts are not copied, but first and second. */
struct claim claim_make(const char *id, const char *source, const char *text, const char *first, const char *second);

/* claim_conclude - both verdicts and their reason, where looking changes neither. */
void claim_conclude(struct claim *claim, enum verdict verdict, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
