/* The maximum, minimum or sum of voxels that lie behind each other along an axis of an array.

   Optional: noctis_tui/imaging/planes/projection.py does the same in numpy, sums in several times the time. Nothing is kept
   between calls, and the interpreter is free while a loop runs. */

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>
#include <stdint.h>
#include <string.h>

#define AT_ONCE 65536 /* results */
#define MOST_SUMMED 32768 /* voxels of 16 bits, of which int32 always holds the sum */

/* Wider registers, where the machine that runs this has them; chosen when the module is loaded. */
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__gnu_linux__)
#define WIDE __attribute__((target_clones("avx2", "default")))
#else
#define WIDE
#endif

enum { MAXIMUM, MINIMUM, SUM, PROJECTIONS };

/* Takes `count` voxels into as many results, or into a single one. */
typedef void (*Fold)(const void *voxels, void *results, Py_ssize_t count);

/* NaN is no voxel: fmax and fmin, as numpy has them. */
#define CHOICE(NAME, TYPE, BETTER)                                                                               \
    WIDE static void NAME##_beside(const void *voxels, void *results, Py_ssize_t count)                          \
    {                                                                                                            \
        const TYPE *from = voxels;                                                                               \
        TYPE *to = results;                                                                                      \
        for (Py_ssize_t at = 0; at < count; at++)                                                                \
            to[at] = (from[at] BETTER to[at]) | (to[at] != to[at]) ? from[at] : to[at];                          \
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

CHOICE(int16_max, int16_t, >)
CHOICE(int16_min, int16_t, <)
ADDITION(int16_sum, int16_t)
CHOICE(uint16_max, uint16_t, >)
CHOICE(uint16_min, uint16_t, <)
ADDITION(uint16_sum, uint16_t)
CHOICE(uint8_max, uint8_t, >)
CHOICE(uint8_min, uint8_t, <)
ADDITION(uint8_sum, uint8_t)
CHOICE(float32_max, float, >)
CHOICE(float32_min, float, <)

typedef struct {
    const char *format;
    Fold beside[PROJECTIONS], into_one[PROJECTIONS]; /* NULL for sums of float32: their rounding has an order */
} Folds;

#define ROW(FORMAT, NAME, SUM_BESIDE, SUM_INTO_ONE)                                                              \
    {FORMAT, {NAME##_max_beside, NAME##_min_beside, SUM_BESIDE},                                                 \
     {NAME##_max_into_one, NAME##_min_into_one, SUM_INTO_ONE}}

static const Folds known[] = {
    ROW("h", int16, int16_sum_beside, int16_sum_into_one),
    ROW("H", uint16, uint16_sum_beside, uint16_sum_into_one),
    ROW("B", uint8, uint8_sum_beside, uint8_sum_into_one),
    ROW("f", float32, NULL, NULL),
};

static const Folds *folds_of(const char *format)
{
    for (size_t each = 0; format != NULL && each < sizeof known / sizeof *known; each++)
        if (strcmp(format, known[each].format) == 0)
            return &known[each];
    return NULL;
}

/* Results start as the first of their voxels, or as nothing. */
static void begin(const Py_buffer *stored, const char *voxels, char *results, Py_ssize_t count, int projection)
{
    if (projection == SUM)
        memset(results, 0, (size_t)count * sizeof(int32_t));
    else
        memcpy(results, voxels, (size_t)(count * stored->itemsize));
}

/* `width` results beside each other: in pieces that stay in the cache while everything behind them is read. */
static void fold_run(const Py_buffer *stored, int axis, int projection, Fold fold, const char *voxels, char *results,
                     Py_ssize_t width, Py_ssize_t result_size)
{
    for (Py_ssize_t at = 0; at < width; at += AT_ONCE) {
        const Py_ssize_t count = width - at < AT_ONCE ? width - at : AT_ONCE;
        const char *from = voxels + at * stored->itemsize;
        begin(stored, from, results + at * result_size, count, projection);
        for (Py_ssize_t depth = projection == SUM ? 0 : 1; depth < stored->shape[axis]; depth++)
            fold(from + depth * stored->strides[axis], results + at * result_size, count);
    }
}

static void fold_lines(const Py_buffer *stored, int axis, int projection, Fold fold, const Py_buffer *out)
{
    const Py_ssize_t along = stored->strides[1 - axis], columns = stored->shape[2], lines = stored->shape[1 - axis];
    /* Lines that follow each other without a gap are one. */
    const int is_dense = along == columns * stored->itemsize;
    const Py_ssize_t width = is_dense ? lines * columns : columns;
    for (Py_ssize_t line = 0; line < (is_dense ? 1 : lines); line++)
        fold_run(stored, axis, projection, fold, (const char *)stored->buf + line * along,
                 (char *)out->buf + line * columns * out->itemsize, width, out->itemsize);
}

static void fold_columns(const Py_buffer *stored, int projection, Fold fold, const Py_buffer *out)
{
    char *result = out->buf;
    for (Py_ssize_t slice = 0; slice < stored->shape[0]; slice++)
        for (Py_ssize_t row = 0; row < stored->shape[1]; row++, result += out->itemsize) {
            const char *voxels = (const char *)stored->buf + slice * stored->strides[0] + row * stored->strides[1];
            begin(stored, voxels, result, 1, projection);
            fold(voxels, result, stored->shape[2]);
        }
}

static int is_readable(const Py_buffer *stored, int axis, int projection, const Py_buffer *out)
{
    const Folds *folds = stored->ndim == 3 ? folds_of(stored->format) : NULL;
    int is_sound = folds != NULL && axis >= 0 && axis < 3 && projection >= 0 && projection < PROJECTIONS &&
                   out->ndim == 2 && folds->beside[projection] != NULL;
    is_sound = is_sound && strcmp(out->format, projection == SUM ? "i" : stored->format) == 0;
    is_sound = is_sound && out->shape[0] == stored->shape[axis == 0] && out->shape[1] == stored->shape[axis == 2 ? 1 : 2];
    is_sound = is_sound && stored->strides[2] == stored->itemsize && stored->shape[axis] > 0;
    if (is_sound && stored->shape[2] > 0 && (projection != SUM || stored->shape[axis] <= MOST_SUMMED))
        return 1;
    PyErr_SetString(PyExc_ValueError, "voxels are 3-D, columns without gaps; out is as large as they are from that side");
    return 0;
}

static PyObject *project(PyObject *module, PyObject *arguments)
{
    PyObject *object, *target, *answer = NULL;
    Py_buffer stored, out;
    int axis, projection;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "OiiO:project", &object, &axis, &projection, &target) ||
        PyObject_GetBuffer(object, &stored, PyBUF_STRIDES | PyBUF_FORMAT) < 0)
        return NULL;
    if (PyObject_GetBuffer(target, &out, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT | PyBUF_WRITABLE) == 0) {
        if (is_readable(&stored, axis, projection, &out)) {
            const Folds *folds = folds_of(stored.format);
            Py_BEGIN_ALLOW_THREADS
            if (axis == 2)
                fold_columns(&stored, projection, folds->into_one[projection], &out);
            else
                fold_lines(&stored, axis, projection, folds->beside[projection], &out);
            Py_END_ALLOW_THREADS
            answer = Py_NewRef(Py_None);
        }
        PyBuffer_Release(&out);
    }
    PyBuffer_Release(&stored);
    return answer;
}

static PyMethodDef methods[] = {
    {"project", project, METH_VARARGS,
     "project(stored, axis, projection, out): the maximum, minimum or sum of voxels along an axis."},
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
