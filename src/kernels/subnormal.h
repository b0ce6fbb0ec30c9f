/*
 * subnormal.h - a part of rules.h: a rule's arithmetic where its state is subnormal, the same bits without the wait.
 *
 * Once a unit is dead its weights' gradients are zero and momentum times 0.9 shrinks, but not to nothing: 0.9 times 4
 * units of 2^-149 rounds to 4 again.  So it stays for good, and Intel's processors take about a hundred times as long
 * for a product with a subnormal number as for another.  Sums cost nothing.
 *
 * careful is a constant: whether a lane of the rule's state is subnormal.  Sets without V_SUBNORMAL never are; doubles
 * have 2^-1022 to go.
 */
#ifdef V_SUBNORMAL

static inline bool v_needs_care(V s)
{
    return v_any(v_subnormal(s));
}

/* c s, 0 <= c <= 1: below 2^-126 all floats are whole numbers of 2^-149, and so is the rounded product. */
static inline V v_scaled(V c, V s, const bool careful)
{
    if (!careful)
        return c * s;
    const v_mask small = v_subnormal(s);
    return v_where(small, v_with_sign(v_scaled_units(c, v_magnitude(s)), s), c * v_where(small, v_splat(0), s));
}

/* sqrt(s): of s = 2m 2^-150 it is sqrt(2m) 2^-75, which is exact but for the one rounding, as 2m is a float. */
static inline V v_root(V s, const bool careful)
{
    if (!careful)
        return v_sqrt(s);
    const v_mask small = v_subnormal(s);
    const V units = v_units(s);
    return v_sqrt(v_where(small, units + units, s)) * v_where(small, v_splat(0x1p-75F), v_splat(1));
}

/*
 * s as it is felt in w + c s / d, d > 0: 0 in the place of what is subnormal and cannot change w.  That is so if
 * |w| >= 2^-24, |c| < 2^10 and d >= 2^-60: |c s / d| < 2^-56 is less than a quarter of the last place of w.
 */
static inline V v_felt(V s, V w, V c, V d, const bool careful)
{
    if (!careful)
        return s;
    const V none = v_splat(0);
    V felt = v_where(v_not_below(v_magnitude(w), v_splat(0x1p-24F)), none, s);
    felt = v_where(v_not_below(v_magnitude(c), v_splat(0x1p10F)), s, felt);
    felt = v_where(v_not_below(d, v_splat(0x1p-60F)), felt, s);
    return v_where(v_subnormal(s), felt, s);
}

#else

#define v_needs_care(s) ((void)(s), false)
#define v_scaled(c, s, careful) ((void)(careful), (c) * (s))
#define v_root(s, careful) ((void)(careful), v_sqrt(s))
#define v_felt(s, w, c, d, careful) ((void)(w), (void)(c), (void)(d), (void)(careful), (s))

#endif
