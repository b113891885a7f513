/* The maximum, minimum, sum or number of voxels that lie behind each other along an axis of an array; padding is no
   voxel.

   Optional: noctis_tui/imaging/planes/folding.py does the same in numpy, sums in several times the time. Nothing is kept
   between calls, and the interpreter is free while a loop runs. */

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#define AT_ONCE 65536 /* results */
#define LAYERS 4
#define STRIP 4096 /* voxels that are rid of padding together: they stay in the first cache */
#define MOST_SUMMED 32768 /* voxels of 16 bits, of which int32 always holds the sum */

/* Wider registers, where the machine that runs this has them; chosen when the module is loaded. */
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__gnu_linux__)
#define WIDE __attribute__((target_clones("avx2", "default")))
#else
#define WIDE
#endif

enum { MAXIMUM, MINIMUM, SUM, COUNT, PROJECTIONS };

/* Takes `count` voxels into as many results, or into a single one. */
typedef void (*Fold)(const void *voxels, void *results, Py_ssize_t count);

/* Takes four layers, `stride` bytes apart, in one go: results are fetched and put back a quarter as often. */
typedef void (*FoldLayers)(const char *voxels, Py_ssize_t stride, void *results, Py_ssize_t count);

/* NaN is no voxel: fmax and fmin, as numpy has them. */
#define CHOICE(NAME, TYPE, BETTER)                                                                               \
    WIDE static void NAME##_beside(const void *voxels, void *results, Py_ssize_t count)                          \
    {                                                                                                            \
        const TYPE *from = voxels;                                                                               \
        TYPE *to = results;                                                                                      \
        for (Py_ssize_t at = 0; at < count; at++)                                                                \
            to[at] = (from[at] BETTER to[at]) | (to[at] != to[at]) ? from[at] : to[at];                          \
    }                                                                                                            \
    WIDE static void NAME##_layers(const char *voxels, Py_ssize_t stride, void *results, Py_ssize_t count)       \
    {                                                                                                            \
        const TYPE *a = (const TYPE *)voxels, *b = (const TYPE *)(voxels + stride);                              \
        const TYPE *c = (const TYPE *)(voxels + 2 * stride), *d = (const TYPE *)(voxels + 3 * stride);           \
        TYPE *to = results;                                                                                      \
        for (Py_ssize_t at = 0; at < count; at++) {                                                              \
            TYPE best = to[at];                                                                                  \
            best = (a[at] BETTER best) | (best != best) ? a[at] : best;                                          \
            best = (b[at] BETTER best) | (best != best) ? b[at] : best;                                          \
            best = (c[at] BETTER best) | (best != best) ? c[at] : best;                                          \
            to[at] = (d[at] BETTER best) | (best != best) ? d[at] : best;                                        \
        }                                                                                                        \
    }                                                                                                            \
    WIDE static void NAME##_into_one(const void *voxels, void *results, Py_ssize_t count)                        \
    {                                                                                                            \
        const TYPE *from = voxels;                                                                               \
        TYPE best = *(TYPE *)results;                                                                            \
        for (Py_ssize_t at = 0; at < count; at++)                                                                \
            best = (from[at] BETTER best) | (best != best) ? from[at] : best;                                    \
        *(TYPE *)results = best;                                                                                 \
    }

#define ADDITION(NAME, TYPE)                                                                                     \
    WIDE static void NAME##_beside(const void *voxels, void *results, Py_ssize_t count)                          \
    {                                                                                                            \
        const TYPE *from = voxels;                                                                               \
        int32_t *to = results;                                                                                   \
        for (Py_ssize_t at = 0; at < count; at++)                                                                \
            to[at] += from[at];                                                                                  \
    }                                                                                                            \
    WIDE static void NAME##_into_one(const void *voxels, void *results, Py_ssize_t count)                        \
    {                                                                                                            \
        const TYPE *from = voxels;                                                                               \
        int32_t sum = 0;                                                                                         \
        for (Py_ssize_t at = 0; at < count; at++)                                                                \
            sum += from[at];                                                                                     \
        *(int32_t *)results += sum;                                                                              \
    }

/* A copy in which padding is what changes nothing; or 1 for each voxel that is no padding, else 0. */
typedef void (*Clean)(const void *voxels, void *copy, Py_ssize_t count, double low, double high, int projection);

#define CLEANING(NAME, TYPE, LEAST, MOST)                                                                        \
    WIDE static void NAME##_clean(const void *voxels, void *copy, Py_ssize_t count, double low, double high,     \
                                  int projection)                                                                \
    {                                                                                                            \
        const TYPE *from = voxels, first = (TYPE)low, last = (TYPE)high;                                         \
        const TYPE nothing = projection == SUM ? (TYPE)0 : projection == MAXIMUM ? (TYPE)(LEAST) : (TYPE)(MOST); \
        TYPE *to = copy;                                                                                         \
        for (Py_ssize_t at = 0; at < count; at++)                                                                \
            to[at] = (from[at] >= first) & (from[at] <= last) ? nothing : from[at];                              \
    }                                                                                                            \
    WIDE static void NAME##_mark(const void *voxels, void *marks, Py_ssize_t count, double low, double high,     \
                                 int projection)                                                                 \
    {                                                                                                            \
        const TYPE *from = voxels, first = (TYPE)low, last = (TYPE)high;                                         \
        uint8_t *to = marks;                                                                                     \
        (void)projection;                                                                                        \
        for (Py_ssize_t at = 0; at < count; at++)                                                                \
            to[at] = !((from[at] >= first) & (from[at] <= last));                                                \
    }

CHOICE(int16_max, int16_t, >)
CHOICE(int16_min, int16_t, <)
ADDITION(int16_sum, int16_t)
CLEANING(int16, int16_t, INT16_MIN, INT16_MAX)
CHOICE(uint16_max, uint16_t, >)
CHOICE(uint16_min, uint16_t, <)
ADDITION(uint16_sum, uint16_t)
CLEANING(uint16, uint16_t, 0, UINT16_MAX)
CHOICE(uint8_max, uint8_t, >)
CHOICE(uint8_min, uint8_t, <)
ADDITION(uint8_sum, uint8_t)
CLEANING(uint8, uint8_t, 0, UINT8_MAX)
CHOICE(float32_max, float, >)
CHOICE(float32_min, float, <)
CLEANING(float32, float, NAN, NAN)

typedef struct {
    const char *format;
    double least, most;                          /* of what padding can be */
    Fold beside[PROJECTIONS], into_one[PROJECTIONS]; /* NULL for sums of float32: their rounding has an order */
    FoldLayers layers[PROJECTIONS]; /* of maxima and minima; NULL for others */
    Clean clean[PROJECTIONS];
} Type;

#define ROW(FORMAT, NAME, LEAST, MOST, SUM_BESIDE, SUM_INTO_ONE)                                                 \
    {FORMAT, LEAST, MOST,                                                                                        \
     {NAME##_max_beside, NAME##_min_beside, SUM_BESIDE, uint8_sum_beside},                                       \
     {NAME##_max_into_one, NAME##_min_into_one, SUM_INTO_ONE, uint8_sum_into_one},                               \
     {NAME##_max_layers, NAME##_min_layers, NULL, NULL},                                                          \
     {NAME##_clean, NAME##_clean, NAME##_clean, NAME##_mark}}

static const Type known[] = {
    ROW("h", int16, INT16_MIN, INT16_MAX, int16_sum_beside, int16_sum_into_one),
    ROW("H", uint16, 0, UINT16_MAX, uint16_sum_beside, uint16_sum_into_one),
    ROW("B", uint8, 0, UINT8_MAX, uint8_sum_beside, uint8_sum_into_one),
    ROW("f", float32, -FLT_MAX, FLT_MAX, NULL, NULL),
};

static const Type *type_of(const char *format)
{
    for (size_t each = 0; format != NULL && each < sizeof known / sizeof *known; each++)
        if (strcmp(format, known[each].format) == 0)
            return &known[each];
    return NULL;
}

typedef struct {
    const Py_buffer *stored, *out;
    const Type *type;
    int axis, projection, is_padded;
    double low, high; /* of padding */
} Work;

static void fold_measured(const Work *work, Fold fold, const char *voxels, char *results, Py_ssize_t count, int is_one)
{
    union {
        uint8_t bytes[STRIP];
        float widest[STRIP];
    } copy;
    const Py_ssize_t size = is_one ? 0 : work->out->itemsize;
    for (Py_ssize_t at = 0; at < count; at += STRIP) {
        const Py_ssize_t some = count - at < STRIP ? count - at : STRIP;
        const char *from = voxels + at * work->stored->itemsize;
        work->type->clean[work->projection](from, copy.bytes, some, work->low, work->high, work->projection);
        fold(copy.bytes, results + at * size, some);
    }
}

static void fold_voxels(const Work *work, Fold fold, const char *voxels, char *results, Py_ssize_t count, int is_one)
{
    if (work->is_padded)
        fold_measured(work, fold, voxels, results, count, is_one);
    else
        fold(voxels, results, count);
}

/* Results start as nothing, or as the first of their voxels: what is said is how many layers they have had. */
static int begin(const Work *work, const char *voxels, char *results, Py_ssize_t count)
{
    if (work->projection == SUM || work->projection == COUNT) {
        memset(results, 0, (size_t)count * sizeof(int32_t));
        return 0;
    }
    if (work->is_padded)
        work->type->clean[work->projection](voxels, results, count, work->low, work->high, work->projection);
    else
        memcpy(results, voxels, (size_t)(count * work->stored->itemsize));
    return 1;
}

/* `width` results beside each other: in pieces that stay in the cache while everything behind them is read. */
static void fold_run(const Work *work, const char *voxels, char *results, Py_ssize_t width)
{
    const Py_buffer *stored = work->stored;
    for (Py_ssize_t at = 0; at < width; at += AT_ONCE) {
        const Py_ssize_t count = width - at < AT_ONCE ? width - at : AT_ONCE;
        const char *from = voxels + at * stored->itemsize;
        char *to = results + at * work->out->itemsize;
        const Py_ssize_t stride = stored->strides[work->axis], layers = stored->shape[work->axis];
        const FoldLayers fold_layers = work->is_padded ? NULL : work->type->layers[work->projection];
        Py_ssize_t depth = begin(work, from, to, count);
        for (; fold_layers != NULL && depth + LAYERS <= layers; depth += LAYERS)
            fold_layers(from + depth * stride, stride, to, count);
        for (; depth < layers; depth++)
            fold_voxels(work, work->type->beside[work->projection], from + depth * stride, to,
                        count, 0);
    }
}

static void fold_lines(const Work *work)
{
    const Py_buffer *stored = work->stored;
    const int across = 1 - work->axis;
    const Py_ssize_t along = stored->strides[across], columns = stored->shape[2], lines = stored->shape[across];
    /* Lines that follow each other without a gap are one. */
    const int is_dense = along == columns * stored->itemsize;
    const Py_ssize_t width = is_dense ? lines * columns : columns;
    for (Py_ssize_t line = 0; line < (is_dense ? 1 : lines); line++)
        fold_run(work, (const char *)stored->buf + line * along,
                 (char *)work->out->buf + line * columns * work->out->itemsize, width);
}

static void fold_columns(const Work *work)
{
    const Py_buffer *stored = work->stored;
    char *result = work->out->buf;
    for (Py_ssize_t slice = 0; slice < stored->shape[0]; slice++)
        for (Py_ssize_t row = 0; row < stored->shape[1]; row++, result += work->out->itemsize) {
            const char *voxels = (const char *)stored->buf + slice * stored->strides[0] + row * stored->strides[1];
            begin(work, voxels, result, 1);
            fold_voxels(work, work->type->into_one[work->projection], voxels, result, stored->shape[2], 1);
        }
}

/* Whether values lie where the machine reads them at once: vectors of them must. */
static int is_aligned(const Py_buffer *view)
{
    return (uintptr_t)view->buf % (size_t)view->itemsize == 0 && view->strides[0] % view->itemsize == 0 &&
           view->strides[1] % view->itemsize == 0;
}

static int is_readable(const Work *work)
{
    const Py_buffer *stored = work->stored, *out = work->out;
    const int axis = work->axis, projection = work->projection, adds = projection == SUM || projection == COUNT;
    int is_sound = work->type != NULL && axis >= 0 && axis < 3 && projection >= 0 && projection < PROJECTIONS &&
                   out->ndim == 2 && work->type->beside[projection] != NULL && (work->is_padded || projection != COUNT);
    is_sound = is_sound && strcmp(out->format, adds ? "i" : stored->format) == 0;
    is_sound = is_sound && out->shape[0] == stored->shape[axis == 0] && out->shape[1] == stored->shape[axis == 2 ? 1 : 2];
    is_sound = is_sound && is_aligned(stored) && is_aligned(out) && stored->strides[2] == stored->itemsize && stored->shape[axis] > 0;
    is_sound = is_sound && (!work->is_padded || (work->low >= work->type->least && work->high <= work->type->most));
    if (is_sound && stored->shape[2] > 0 && (projection != SUM || stored->shape[axis] <= MOST_SUMMED))
        return 1;
    PyErr_SetString(PyExc_ValueError, "voxels are 3-D, columns without gaps; out is as large as they are from that side");
    return 0;
}

static PyObject *project_read(Work *work)
{
    work->type = work->stored->ndim == 3 ? type_of(work->stored->format) : NULL;
    if (!is_readable(work))
        return NULL;
    Py_BEGIN_ALLOW_THREADS
    if (work->axis == 2)
        fold_columns(work);
    else
        fold_lines(work);
    Py_END_ALLOW_THREADS
    return Py_NewRef(Py_None);
}

static PyObject *project(PyObject *module, PyObject *arguments)
{
    PyObject *object, *target, *answer = NULL;
    Py_buffer stored, out;
    Work work = {.stored = &stored, .out = &out, .low = 1, .high = 0};
    (void)module;
    if (!PyArg_ParseTuple(arguments, "OiiO|dd:project", &object, &work.axis, &work.projection, &target, &work.low,
                          &work.high) ||
        PyObject_GetBuffer(object, &stored, PyBUF_STRIDES | PyBUF_FORMAT) < 0)
        return NULL;
    work.is_padded = work.low <= work.high;
    if (PyObject_GetBuffer(target, &out, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT | PyBUF_WRITABLE) == 0) {
        answer = project_read(&work);
        PyBuffer_Release(&out);
    }
    PyBuffer_Release(&stored);
    return answer;
}

static PyMethodDef methods[] = {
    {"project", project, METH_VARARGS,
     "project(stored, axis, projection, out[, low, high]): the maximum, minimum, sum or number of voxels along an axis;"
     " those from low to high are padding."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {{0, NULL}};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_project", "The compiled loops of projections.", 0, methods, slots, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__project(void)
{
    return PyModuleDef_Init(&definition);
}
