/* The loops of rotating projections: the slices of a volume onto a sheared picture, and that into a view's.

   Optional: noctis_tui/imaging/turning/rotating_projection.py does the same in numpy with the nearest voxel of each slice, not
   between four. Nothing is kept between calls, and the interpreter is free while a loop runs. */

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { MAXIMUM, MINIMUM, SUM, FIRST_ABOVE, FIRST_BELOW, COUNT };

#define ROWS_AT_ONCE 32 /* of each slice: their rows of the picture stay in the cache */
#define ROWS_FAR_APART 4 /* the same where rows lie a slice apart, which fall on each other in the cache */
#define TILE 128        /* columns of voxels that are turned round together, where rays run along the rows */

#define PITCH (TILE + 8) /* elements from one row of a tile to the next: one neighbour at both ends */

/* A number, or 0, without a branch: compilers make no vectors of sums under a condition. */
static inline float kept_if(float value, int condition)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    bits &= 0U - (uint32_t)condition;
    memcpy(&value, &bits, sizeof value);
    return value;
}

#ifdef __SSE2__
#include <emmintrin.h>
#endif
#if defined(__x86_64__) && defined(__GNUC__)
#define HAS_AVX2 1
#define NAMED(name) name##_avx2
#define TARGET __attribute__((target("avx2")))
#include "_turning_rows.h"
#endif
#define NAMED(name) name##_plain
#define TARGET
#include "_turning_rows.h"

typedef struct {
    const char *stored;
    Py_ssize_t size;              /* bytes of a voxel */
    Py_ssize_t slice_step, row_step; /* bytes from one slice across the rays to the next, from one row to the next */
    Py_ssize_t slices, rows, columns; /* along the rays; of each slice */
    Py_ssize_t volume[3];
    char format;                  /* of struct: h, H, B, f */
    int axis, kind;
    int narrow;                   /* the picture is of int16, else of float */
    Py_ssize_t picture_columns;
    void *picture;
    double limit;                 /* of what is inside, where the first slice is looked for */
    int backwards;                /* whether the rays meet the last slice first */
    int is_padded;                /* whether voxels from low to high are none */
    double low, high;
    const int32_t *starts;        /* [2, slices] */
    const float *shares;          /* [2, slices], -0.5 to 0.5 */
    const int32_t *first, *last;  /* of each pixel, or NULL */
    Py_ssize_t from, to;          /* rows of each slice */
} Job;

#ifdef HAS_AVX2
#define CALL(name, ...) (__builtin_cpu_supports("avx2") ? name##_avx2(__VA_ARGS__) : name##_plain(__VA_ARGS__))
#else
#define CALL(name, ...) name##_plain(__VA_ARGS__)
#endif

#define LAY(name, type) \
    if (job->is_padded) \
        CALL(lay_measured_##name, (const type *)one, (const type *)other, from, to, step, down, along, job->kind, \
             (float)job->low, (float)job->high, (int32_t)slice, job->first == NULL ? NULL : job->first + place, \
             job->last == NULL ? NULL : job->last + place, out); \
    else if (job->first == NULL) \
        CALL(lay_##name, (const type *)one, (const type *)other, from, to, step, down, along, job->kind, out); \
    else \
        CALL(lay_met_##name, (const type *)one, (const type *)other, from, to, step, down, along, job->kind, \
             (int32_t)slice, job->first + place, job->last + place, out)

static void lay_part(const Job *job, Py_ssize_t slice, const void *one, const void *other, Py_ssize_t from,
                     Py_ssize_t to, Py_ssize_t step, Py_ssize_t place)
{
    float down = fabsf(job->shares[slice]), along = fabsf(job->shares[job->slices + slice]);
    float *out = (float *)job->picture + place;
    int16_t down_16 = (int16_t)(down * 32768 + 0.5F), along_16 = (int16_t)(along * 32768 + 0.5F);
    if (job->narrow && job->is_padded)
        CALL(lay_narrow_measured, one, other, from, to, step, down_16, along_16, job->kind,
             (uint16_t)(int16_t)job->low, (uint16_t)(job->high - job->low), (int16_t *)job->picture + place);
    else if (job->narrow)
        CALL(lay_narrow, one, other, from, to, step, down_16, along_16, job->kind, (int16_t *)job->picture + place);
    else if (job->format == 'h')
        LAY(signed_16, int16_t);
    else if (job->format == 'H')
        LAY(unsigned_16, uint16_t);
    else if (job->format == 'B')
        LAY(unsigned_8, uint8_t);
    else
        LAY(float_32, float);
}

#undef LAY

#define MARK(name, type) \
    if (job->is_padded) \
        CALL(mark_measured_##name, one, count, (type)job->limit, below, code, (type)job->low, (type)job->high, out); \
    else \
        CALL(mark_##name, one, count, (type)job->limit, below, code, out)

/* Mark the pixels whose rays meet voxels inside in this slice, the more the nearer it is: no mark is 0. */
static void mark(const Job *job, Py_ssize_t slice, const void *one, Py_ssize_t count, Py_ssize_t place)
{
    int16_t code = (int16_t)(job->backwards ? slice + 1 : job->slices - slice), *out = (int16_t *)job->picture + place;
    int below = job->kind == FIRST_BELOW;
    if (job->format == 'h')
        MARK(signed_16, int16_t);
    else if (job->format == 'H')
        MARK(unsigned_16, uint16_t);
    else if (job->format == 'B')
        MARK(unsigned_8, uint8_t);
    else
        MARK(float_32, float);
}

#undef MARK

static int is_marking(const Job *job)
{
    return job->kind == FIRST_ABOVE || job->kind == FIRST_BELOW;
}

/* Lay `count` columns between two rows on the picture, the first on the pixel at `place`; where the neighbour of the
   outermost one is beyond the slice, it is repeated. */
static void lay(const Job *job, Py_ssize_t slice, const void *one, const void *other, Py_ssize_t count,
                int goes_on_before, int goes_on_after, Py_ssize_t place)
{
    if (is_marking(job)) {
        mark(job, slice, one, count, place);
        return;
    }
    Py_ssize_t step = job->shares[job->slices + slice] > 0 ? -1 : 1;
    Py_ssize_t from = step < 0 && !goes_on_before, to = count - (step > 0 && !goes_on_after);
    lay_part(job, slice, one, other, from, to, step, place);
    if (from > 0)
        lay_part(job, slice, one, other, 0, from, 0, place);
    if (to < count)
        lay_part(job, slice, one, other, to, count, 0, place);
}

static Py_ssize_t neighbour(Py_ssize_t row, Py_ssize_t rows, float share)
{
    Py_ssize_t other = share > 0 ? row - 1 : row + 1;
    return other < 0 ? 0 : other >= rows ? rows - 1 : other;
}

/* Rays across slices or rows of the volume: what lies in a row of a slice lies in a row of memory. */
static void lay_rows(const Job *job)
{
    Py_ssize_t at_once = job->axis == 0 ? ROWS_AT_ONCE : ROWS_FAR_APART;
    for (Py_ssize_t first = job->from; first < job->to; first += at_once) {
        Py_ssize_t stop = first + at_once < job->to ? first + at_once : job->to;
        for (Py_ssize_t slice = 0; slice < job->slices; slice++) {
            const char *rows = job->stored + slice * job->slice_step;
            float share = job->shares[slice];
            for (Py_ssize_t row = first; row < stop; row++) {
                Py_ssize_t other = neighbour(row, job->rows, share);
                lay(job, slice, rows + row * job->row_step, rows + other * job->row_step, job->columns, 0, 0,
                    (job->starts[slice] + row) * job->picture_columns + job->starts[job->slices + slice]);
            }
        }
    }
}

#define TURN_ROUND(type) \
    for (Py_ssize_t c = column; c < stop_column; c++) \
        for (Py_ssize_t i = from; i < to; i++) \
            ((type *)tile)[i * PITCH + c] = ((const type *)(slice + c * row_step))[i];

#ifdef __SSE2__
/* Eight rows of eight become eight columns. */
static void turn_eight(const char *from, Py_ssize_t row_step, uint16_t *to)
{
    __m128i a[8], b[8];
    for (int i = 0; i < 8; i++)
        a[i] = _mm_loadu_si128((const __m128i *)(from + i * row_step));
    for (int i = 0; i < 4; i++) {
        b[2 * i] = _mm_unpacklo_epi16(a[i], a[i + 4]);
        b[2 * i + 1] = _mm_unpackhi_epi16(a[i], a[i + 4]);
    }
    for (int i = 0; i < 4; i++) {
        a[2 * i] = _mm_unpacklo_epi16(b[i], b[i + 4]);
        a[2 * i + 1] = _mm_unpackhi_epi16(b[i], b[i + 4]);
    }
    for (int i = 0; i < 4; i++) {
        _mm_storeu_si128((__m128i *)(to + 2 * i * PITCH), _mm_unpacklo_epi16(a[i], a[i + 4]));
        _mm_storeu_si128((__m128i *)(to + (2 * i + 1) * PITCH), _mm_unpackhi_epi16(a[i], a[i + 4]));
    }
}
#endif

/* Turn `width` rows of `length` voxels round into `length` rows of a tile, some at a time so that both stay near. */
static void turn_round(const char *slice, Py_ssize_t row_step, Py_ssize_t size, Py_ssize_t length, Py_ssize_t width,
                       char *tile)
{
    for (Py_ssize_t from = 0; from < length; from += 32) {
        Py_ssize_t to = from + 32 < length ? from + 32 : length, column = 0, stop_column = width;
#ifdef __SSE2__
        if (size == 2 && to - from == 32)
            for (; column + 8 <= width; column += 8) {
                const char *rows = slice + column * row_step;
                for (int row = 0; row < 8; row++)
                    _mm_prefetch(rows + row * row_step + (from + 64) * 2, _MM_HINT_T0);
                for (Py_ssize_t i = from; i < to; i += 8)
                    turn_eight(rows + i * 2, row_step, (uint16_t *)tile + i * PITCH + column);
            }
#endif
        if (size == 2)
            TURN_ROUND(uint16_t)
        else if (size == 1)
            TURN_ROUND(uint8_t)
        else
            TURN_ROUND(uint32_t)
    }
}

/* Rays along the rows of the volume: a slice is a column of each of its rows. Tiles of three neighbouring slices of
   the volume are turned round, so that what follows reads rows again. */
static int lay_columns(const Job *job)
{
    Py_ssize_t pitch = PITCH * job->size, room = job->slices * pitch;
    char *tiles = malloc((size_t)room * 3);
    if (tiles == NULL)
        return 0;
    for (Py_ssize_t column = 0; column < job->columns; column += TILE) {
        Py_ssize_t width = column + TILE < job->columns ? TILE : job->columns - column;
        Py_ssize_t before = column > 0, after = column + width < job->columns;
        Py_ssize_t done = job->from > 0 ? job->from - 1 : 0; /* the next slice of the volume to turn round */
        for (Py_ssize_t row = job->from; row < job->to; row++) {
            for (; done <= row + 1 && done < job->rows; done++)
                turn_round(job->stored + done * job->row_step + (column - before) * job->volume[2] * job->size,
                           job->volume[2] * job->size, job->size, job->slices, width + before + after,
                           tiles + done % 3 * room);
            for (Py_ssize_t slice = 0; slice < job->slices; slice++) {
                float share = job->shares[slice];
                Py_ssize_t other = neighbour(row, job->rows, share);
                Py_ssize_t at = slice * pitch + before * job->size;
                lay(job, slice, tiles + row % 3 * room + at, tiles + other % 3 * room + at, width, before > 0, after > 0,
                    (job->starts[slice] + row) * job->picture_columns + job->starts[job->slices + slice] + column);
            }
        }
    }
    free(tiles);
    return 1;
}

static int fits(char format, double limit)
{
    double lowest = format == 'h' ? -32768 : 0, highest = format == 'h' ? 32767 : format == 'H' ? 65535 : 255;
    return format == 'f' ? !isnan(limit) : limit >= lowest && limit <= highest;
}

/* Whether values lie where the machine reads them at once: vectors of them must. */
static int is_aligned(const Py_buffer *view)
{
    return (uintptr_t)view->buf % (size_t)view->itemsize == 0;
}

/* Check what Python gave: nothing outside of the arrays is ever touched. */
static int is_sound(Job *job, const Py_buffer *picture, const Py_buffer *starts, const Py_buffer *shares,
                    const Py_buffer *first, const Py_buffer *last)
{
    Py_ssize_t item = job->narrow ? 2 : 4;
    if (picture->ndim != 2 || picture->itemsize != item || starts->itemsize != 4 || shares->itemsize != 4)
        return 0;
    if (!is_aligned(picture) || !is_aligned(starts) || !is_aligned(shares))
        return 0;
    if (starts->len != 8 * job->slices || shares->len != 8 * job->slices)
        return 0;
    if (job->first != NULL && (first->len != picture->len / item * 4 || last->len != first->len || job->narrow || first->itemsize != 4 ||
                               last->itemsize != 4 || !is_aligned(first) || !is_aligned(last)))
        return 0;
    if (job->from < 0 || job->to > job->rows || (job->narrow && !is_marking(job) && (job->format != 'h' || job->kind > MINIMUM)))
        return 0;
    if (job->is_padded ? !fits(job->format, job->low) || !fits(job->format, job->high) : job->kind == COUNT)
        return 0;
    if (is_marking(job) && (!job->narrow || job->slices > 32767 || !fits(job->format, job->limit)))
        return 0;
    for (Py_ssize_t slice = 0; slice < job->slices; slice++) {
        Py_ssize_t row = job->starts[slice], column = job->starts[job->slices + slice];
        if (row < 0 || row + job->rows > picture->shape[0] || column < 0 || column + job->columns > picture->shape[1])
            return 0;
        /* Written so that what is no number fails, too. */
        if (!(fabsf(job->shares[slice]) <= 0.5F && fabsf(job->shares[job->slices + slice]) <= 0.5F))
            return 0;
    }
    return 1;
}

static int take_volume(Job *job, const Py_buffer *stored)
{
    const char *format = stored->format == NULL ? "B" : stored->format;
    if (stored->ndim != 3 || strchr("hHBf", format[0]) == NULL || format[0] == 0 || format[1] != 0)
        return 0;
    if (job->axis < 0 || job->axis > 2 || job->kind < MAXIMUM || job->kind > COUNT)
        return 0;
    job->stored = stored->buf;
    job->size = stored->itemsize;
    job->format = format[0];
    memcpy(job->volume, stored->shape, sizeof job->volume);
    Py_ssize_t row = job->volume[2] * job->size, slice = job->volume[1] * row;
    job->slices = job->volume[job->axis];
    job->rows = job->volume[job->axis == 0];
    job->columns = job->volume[job->axis == 2 ? 1 : 2];
    job->slice_step = job->axis == 0 ? slice : row;
    job->row_step = job->axis == 0 ? row : slice;
    return job->slices > 0 && job->rows > 0 && job->columns > 0 && is_aligned(stored);
}

static PyObject *lay_slices(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *objects[6];
    Job job = {0};
    Py_buffer views[6] = {{0}}; /* stored, picture, starts, shares, first, last */
    job.low = 1; /* above the highest: there is no padding */
    if (!PyArg_ParseTuple(arguments, "OOOOOOiinn|didd", &objects[0], &objects[1], &objects[2], &objects[3], &objects[4],
                          &objects[5], &job.axis, &job.kind, &job.from, &job.to, &job.limit, &job.backwards, &job.low,
                          &job.high))
        return NULL;
    job.is_padded = job.low <= job.high;
    int taken = 0, failed = 0, done = 1;
    for (; taken < 6 && !failed; taken++)
        if (objects[taken] != Py_None || taken < 4)
            failed = PyObject_GetBuffer(objects[taken], &views[taken],
                                        PyBUF_C_CONTIGUOUS | PyBUF_FORMAT | (taken == 1 ? PyBUF_WRITABLE : 0)) < 0;
    if (!failed) {
        job.narrow = views[1].itemsize == 2;
        job.picture = views[1].buf;
        job.starts = views[2].buf;
        job.shares = views[3].buf;
        job.first = views[4].buf;
        job.last = views[5].buf;
        if (!take_volume(&job, &views[0]) || (job.first == NULL) != (job.last == NULL) ||
            !is_sound(&job, &views[1], &views[2], &views[3], &views[4], &views[5])) {
            PyErr_SetString(PyExc_ValueError, "arrays that do not belong together");
            failed = 1;
        } else {
            job.picture_columns = views[1].shape[1];
            Py_BEGIN_ALLOW_THREADS
            if (job.axis == 2)
                done = lay_columns(&job);
            else
                lay_rows(&job);
            Py_END_ALLOW_THREADS
        }
    }
    for (int i = 0; i < 6; i++)
        PyBuffer_Release(&views[i]);
    if (failed)
        return NULL;
    if (!done)
        return PyErr_NoMemory();
    Py_RETURN_NONE;
}

/* The value between four pixels; of those that are numbers alone, and none where the nearest is not. */
static float between_four(const float *picture, Py_ssize_t rows, Py_ssize_t columns, double row, double column)
{
    if (!(row >= -0.5 && row < (double)rows - 0.5 && column >= -0.5 && column < (double)columns - 0.5))
        return NAN;
    Py_ssize_t near_row = (Py_ssize_t)floor(row + 0.5), near_column = (Py_ssize_t)floor(column + 0.5);
    if (isnan(picture[near_row * columns + near_column]))
        return NAN;
    Py_ssize_t first_row = (Py_ssize_t)floor(row), first_column = (Py_ssize_t)floor(column);
    float down = (float)(row - (double)first_row), right = (float)(column - (double)first_column);
    float total = 0, weights = 0;
    for (int r = 0; r < 2; r++)
        for (int c = 0; c < 2; c++) {
            Py_ssize_t at_row = first_row + r, at_column = first_column + c;
            if (at_row < 0 || at_row >= rows || at_column < 0 || at_column >= columns)
                continue;
            float value = picture[at_row * columns + at_column];
            float weight = (r ? down : 1 - down) * (c ? right : 1 - right);
            if (weight > 0 && !isnan(value)) {
                total += weight * value;
                weights += weight;
            }
        }
    return total / weights;
}

static PyObject *warp(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *sheared, *drawn;
    double m[6];
    Py_buffer from = {0}, to = {0};
    if (!PyArg_ParseTuple(arguments, "O(dddddd)O", &sheared, &m[0], &m[1], &m[2], &m[3], &m[4], &m[5], &drawn))
        return NULL;
    if (PyObject_GetBuffer(sheared, &from, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT) < 0)
        return NULL;
    if (PyObject_GetBuffer(drawn, &to, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT | PyBUF_WRITABLE) < 0) {
        PyBuffer_Release(&from);
        return NULL;
    }
    int fits = from.ndim == 2 && to.ndim == 2 && strcmp(from.format, "f") == 0 && strcmp(to.format, "f") == 0 && is_aligned(&from) && is_aligned(&to);
    if (fits) {
        Py_BEGIN_ALLOW_THREADS
        for (Py_ssize_t row = 0; row < to.shape[0]; row++)
            for (Py_ssize_t column = 0; column < to.shape[1]; column++)
                ((float *)to.buf)[row * to.shape[1] + column] =
                    between_four(from.buf, from.shape[0], from.shape[1],
                                 m[0] * (double)row + m[1] * (double)column + m[2],
                                 m[3] * (double)row + m[4] * (double)column + m[5]);
        Py_END_ALLOW_THREADS
    } else
        PyErr_SetString(PyExc_ValueError, "pictures are float32 [rows, columns]");
    PyBuffer_Release(&from);
    PyBuffer_Release(&to);
    if (!fits)
        return NULL;
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"lay_slices", lay_slices, METH_VARARGS,
     "lay_slices(stored, picture, starts, shares, first, last, axis, kind, from, to, limit=0, backwards=0[, low, "
     "high]): lay rows of each slice on it, or mark where rays are first inside; voxels from low to high are padding."},
    {"warp", warp, METH_VARARGS, "warp(sheared, to_sheared, picture): draw a sheared picture into another."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_turning", NULL, 0, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__turning(void)
{
    return PyModule_Create(&module);
}
