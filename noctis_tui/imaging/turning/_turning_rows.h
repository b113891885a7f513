/* One row of a slice onto one row of the sheared picture, for each kind of stored value.

   Included by _turning.c once for each instruction set, with NAMED(name) and TARGET defined. The loops are plain so
   that the compiler makes vectors of them. `one` is the row of voxels nearest to the pixels, `other` its neighbour by
   `down`, and the element `step` further on the neighbour by `along`. */

/* (b - a) * share / 2^15, in the form that compilers know an instruction for. */
#define PART_16(difference, share) ((int16_t)((((int32_t)(int16_t)(difference) * (share) >> 14) + 1) >> 1))

#define LAY_16(value, choose) \
    for (Py_ssize_t c = from; c < to; c++) { \
        value; \
        out[c] = out[c] choose near ? out[c] : near; \
    }

#define AS_IT_IS int16_t near = one[c]
#define DOWN AS_IT_IS; near = (int16_t)(near + PART_16(other[c] - near, down))
#define ALONG AS_IT_IS; near = (int16_t)(near + PART_16(one[c + step] - near, along))
#define BOTH \
    DOWN; \
    int16_t far = one[c + step]; \
    far = (int16_t)(far + PART_16(other[c + step] - far, down)); \
    near = (int16_t)(near + PART_16(far - near, along))

#define LAY_16_ALL(choose) \
    if (down == 0 && along == 0) \
        LAY_16(AS_IT_IS, choose) \
    else if (along == 0) \
        LAY_16(DOWN, choose) \
    else if (down == 0) \
        LAY_16(ALONG, choose) \
    else \
        LAY_16(BOTH, choose)

static TARGET void NAMED(lay_narrow)(const int16_t *one, const int16_t *other, Py_ssize_t from, Py_ssize_t to,
                                     Py_ssize_t step, int16_t down, int16_t along, int kind, int16_t *restrict out)
{
    if (kind == MAXIMUM) {
        LAY_16_ALL(>)
    } else {
        LAY_16_ALL(<)
    }
}

/* The same where there is padding, from `low` on and `span` values further: where the nearest voxel is padding nothing is
   laid, and a neighbour that is padding is none. */
#define IS_PADDING(value) ((uint16_t)((uint16_t)(value) - low) <= span)
#define TOWARDS(near, neighbour, share) \
    (int16_t)((near) + PART_16((IS_PADDING(neighbour) ? (near) : (neighbour)) - (near), share))

#define LAY_16_MEASURED(choose) \
    for (Py_ssize_t c = from; c < to; c++) { \
        int16_t nearest = one[c], beside = one[c + step]; \
        int16_t near = TOWARDS(nearest, other[c], down), far = TOWARDS(beside, other[c + step], down); \
        far = IS_PADDING(beside) ? near : far; \
        near = (int16_t)(near + PART_16(far - near, along)); \
        out[c] = IS_PADDING(nearest) || out[c] choose near ? out[c] : near; \
    }

static TARGET void NAMED(lay_narrow_measured)(const int16_t *one, const int16_t *other, Py_ssize_t from, Py_ssize_t to,
                                              Py_ssize_t step, int16_t down, int16_t along, int kind, uint16_t low,
                                              uint16_t span, int16_t *restrict out)
{
    if (kind == MAXIMUM)
        LAY_16_MEASURED(>)
    else
        LAY_16_MEASURED(<)
}

#undef LAY_16_MEASURED
#undef TOWARDS
#undef IS_PADDING
#undef LAY_16_ALL
#undef BOTH
#undef ALONG
#undef DOWN
#undef AS_IT_IS
#undef LAY_16
#undef PART_16

/* A value that is no number never wins. */
#define LAY(put) \
    for (Py_ssize_t c = from; c < to; c++) { \
        float near = (float)one[c], far = (float)one[c + step]; \
        near += ((float)other[c] - near) * down; \
        far += ((float)other[c + step] - far) * down; \
        float value = near + (far - near) * along; \
        put; \
    }

#define IF_MET(kept) out[c] = slice >= first[c] && slice <= last[c] ? kept : out[c]

#define LAY_ALL(name, type) \
    static TARGET void NAMED(lay_##name)(const type *one, const type *other, Py_ssize_t from, Py_ssize_t to, \
                                         Py_ssize_t step, float down, float along, int kind, float *restrict out) \
    { \
        if (kind == MAXIMUM) \
            LAY(out[c] = value > out[c] ? value : out[c]) \
        else if (kind == MINIMUM) \
            LAY(out[c] = value < out[c] ? value : out[c]) \
        else \
            LAY(out[c] += value) \
    } \
    static TARGET void NAMED(lay_met_##name)(const type *one, const type *other, Py_ssize_t from, Py_ssize_t to, \
                                             Py_ssize_t step, float down, float along, int kind, int32_t slice, \
                                             const int32_t *restrict first, const int32_t *restrict last, \
                                             float *restrict out) \
    { \
        if (kind == MAXIMUM) \
            LAY(IF_MET((value > out[c] ? value : out[c]))) \
        else if (kind == MINIMUM) \
            LAY(IF_MET((value < out[c] ? value : out[c]))) \
        else \
            LAY(IF_MET((out[c] + value))) \
    }

LAY_ALL(signed_16, int16_t)
LAY_ALL(unsigned_16, uint16_t)
LAY_ALL(unsigned_8, uint8_t)
LAY_ALL(float_32, float)

/* The same where there is padding, from `low` to `high`; and how many voxels are none. */
#define IS_PADDING(value) (((value) >= low) & ((value) <= high))

#define LAY_MEASURED(put) \
    for (Py_ssize_t c = from; c < to; c++) { \
        float nearest = (float)one[c], beside = (float)one[c + step]; \
        float below = (float)other[c], across = (float)other[c + step]; \
        float near = nearest + (below - nearest) * (IS_PADDING(below) ? 0.0F : down); \
        float far = beside + (across - beside) * (IS_PADDING(across) ? 0.0F : down); \
        float value = near + (far - near) * (IS_PADDING(beside) ? 0.0F : along); \
        int is_laid = !IS_PADDING(nearest); \
        put; \
    }

/* Written so that compilers need no branches, and make vectors of all loops. */
#define LAY_MEASURED_KINDS(condition) \
    if (kind == MAXIMUM) \
        LAY_MEASURED(out[c] = (condition) & (value > out[c]) ? value : out[c]) \
    else if (kind == MINIMUM) \
        LAY_MEASURED(out[c] = (condition) & (value < out[c]) ? value : out[c]) \
    else if (kind == SUM) \
        LAY_MEASURED(out[c] += kept_if(value, condition)) \
    else \
        for (Py_ssize_t c = from; c < to; c++) { \
            int is_laid = !IS_PADDING((float)one[c]); \
            out[c] += (condition) ? 1.0F : 0.0F; \
        }

#define LAY_MEASURED_ALL(name, type) \
    static TARGET void NAMED(lay_measured_##name)(const type *one, const type *other, Py_ssize_t from, Py_ssize_t to, \
                                                  Py_ssize_t step, float down, float along, int kind, float low, \
                                                  float high, int32_t slice, const int32_t *restrict first, \
                                                  const int32_t *restrict last, float *restrict out) \
    { \
        if (first == NULL) { \
            LAY_MEASURED_KINDS(is_laid) \
        } else { \
            LAY_MEASURED_KINDS(is_laid & (slice >= first[c]) & (slice <= last[c])) \
        } \
    }

LAY_MEASURED_ALL(signed_16, int16_t)
LAY_MEASURED_ALL(unsigned_16, uint16_t)
LAY_MEASURED_ALL(unsigned_8, uint8_t)
LAY_MEASURED_ALL(float_32, float)

/* Where voxels are inside, the larger of what is there and the code of their slice. */
#define MARK(name, type) \
    static TARGET void NAMED(mark_##name)(const type *one, Py_ssize_t count, type limit, int below, int16_t code, \
                                          int16_t *restrict out) \
    { \
        if (below) \
            for (Py_ssize_t c = 0; c < count; c++) \
                out[c] = one[c] <= limit && code > out[c] ? code : out[c]; \
        else \
            for (Py_ssize_t c = 0; c < count; c++) \
                out[c] = one[c] >= limit && code > out[c] ? code : out[c]; \
    }

MARK(signed_16, int16_t)
MARK(unsigned_16, uint16_t)
MARK(unsigned_8, uint8_t)
MARK(float_32, float)

#define MARK_MEASURED(name, type) \
    static TARGET void NAMED(mark_measured_##name)(const type *one, Py_ssize_t count, type limit, int below, int16_t code, \
                                                   type low, type high, int16_t *restrict out) \
    { \
        if (below) \
            for (Py_ssize_t c = 0; c < count; c++) \
                out[c] = one[c] <= limit && !IS_PADDING(one[c]) && code > out[c] ? code : out[c]; \
        else \
            for (Py_ssize_t c = 0; c < count; c++) \
                out[c] = one[c] >= limit && !IS_PADDING(one[c]) && code > out[c] ? code : out[c]; \
    }

MARK_MEASURED(signed_16, int16_t)
MARK_MEASURED(unsigned_16, uint16_t)
MARK_MEASURED(unsigned_8, uint8_t)
MARK_MEASURED(float_32, float)

#undef MARK_MEASURED
#undef MARK
#undef LAY_MEASURED_ALL
#undef LAY_MEASURED_KINDS
#undef LAY_MEASURED
#undef IS_PADDING
#undef LAY_ALL
#undef IF_MET
#undef LAY
#undef NAMED
#undef TARGET
