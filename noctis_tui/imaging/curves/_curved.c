/* Trilinear values of a volume along straight lines: the rows of curved pictures.

   Optional: noctis_tui/imaging/curves/line_sampling.py does the same in numpy, slower. Nothing is kept between calls, and
   the interpreter is free while a loop runs. Whatever the lines say, nothing is read outside the volume. */

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#define SAME_INDEX 1e-6
#define BLOCK 64 /* points at once: what is known of them stays in the fastest cache */

/* Wider registers, where the machine that runs this has them; chosen when the module is loaded. */
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__gnu_linux__)
#define WIDE __attribute__((target_clones("avx2", "default")))
#else
#define WIDE
#endif

typedef struct {
    const void *values;
    Py_ssize_t counts[3];  /* slices, rows, columns */
    Py_ssize_t strides[3]; /* in values, from a voxel to the next one; 0 where there is none */
    float low, high;       /* of padding: voxels that are no samples */
} Grid;

typedef struct {
    double start[3], step[3]; /* voxel indices of the first point, and from point to point */
} Line;

/* Lines run across slices and rows: most neighbours are far apart in memory, and are asked for before they are used. */
#if defined(__GNUC__)
#define ASK_FOR(address) __builtin_prefetch(address)
#else
#define ASK_FOR(address) ((void)(address))
#endif

/* Where neighbouring points of a line lie: the corners of their cells in memory, and how far beyond these. */
typedef struct {
    int64_t at[BLOCK];
    float share[3][BLOCK];
} Cells;

static double clamped(double at, double top)
{
    return at > 0 ? (at < top ? at : top) : 0; /* not a number is 0 */
}

static float between(float before, float after, float share)
{
    return before + (after - before) * share;
}

/* The same where there is padding: the nearer of two stands alone where the other is none. */
static float between_measured(float before, float after, float share)
{
    const float mixed = before + (after - before) * share;
    return mixed == mixed ? mixed : share <= 0.5f ? before : after;
}

static float measured(const Grid *grid, float value)
{
    return value >= grid->low && value <= grid->high ? (float)NAN : value;
}

#define AS_IT_IS(grid, value) (value)

/* Cells are between eight neighbours; their corner is the one of the lowest indices. */
static Py_ssize_t last_corner(const Grid *grid, int axis)
{
    return grid->counts[axis] > 1 ? grid->counts[axis] - 2 : 0;
}

static int are_in_cells(const Grid *grid, const Line *line, double begin, double end)
{
    int are_inside = begin <= end;
    for (int axis = 0; axis < 3; axis++) {
        double one = line->start[axis] + begin * line->step[axis], other = line->start[axis] + end * line->step[axis];
        double top = (double)(grid->counts[axis] - 1);
        are_inside &= one >= 0 && one < top && other >= 0 && other < top;
    }
    return are_inside;
}

/* The points from *first to *stop, as far as they are known to lie inside cells: they need not be clamped. Indices
   grow or fall along a line, rounding included, so that what holds at two points holds between them. */
static void narrow_to_cells(const Grid *grid, const Line *line, Py_ssize_t *first, Py_ssize_t *stop)
{
    double begin = (double)*first, end = (double)(*stop - 1);
    if (are_in_cells(grid, line, begin, end))
        return;
    for (int axis = 0; axis < 3; axis++) {
        double start = line->start[axis], step = line->step[axis], top = (double)(grid->counts[axis] - 1);
        double low = fmin(-start / step, (top - start) / step), high = fmax(-start / step, (top - start) / step);
        if (step != 0) {
            begin = fmax(begin, ceil(low) + 1);
            end = fmin(end, floor(high) - 1);
        }
    }
    if (!(begin <= end)) {
        *stop = *first;
        return;
    }
    if (!are_in_cells(grid, line, begin, end)) {
        *stop = *first;
        return;
    }
    *first = (Py_ssize_t)begin;
    *stop = (Py_ssize_t)end + 1;
}

WIDE static void find_cells(const Grid *grid, const Line *line, Py_ssize_t first, int count, Cells *cells)
{
    int32_t whole[3][BLOCK];
    for (int axis = 0; axis < 3; axis++) {
        const double start = line->start[axis], step = line->step[axis];
        float *restrict share = cells->share[axis];
        const int from = (int)first;
        for (int x = 0; x < count; x++) {
            double at = start + (double)(from + x) * step;
            whole[axis][x] = (int32_t)at;
            share[x] = (float)(at - (double)whole[axis][x]);
        }
    }
    for (int x = 0; x < count; x++)
        cells->at[x] = whole[0][x] * (int64_t)grid->strides[0] + whole[1][x] * (int64_t)grid->strides[1] + whole[2][x];
}

/* VALUE says what a voxel is, BETWEEN what lies between two. */
#define DEFINE_LOOPS(NAME, TYPE, VALUE, BETWEEN)                                                                       \
    static float NAME##_blend(const Grid *grid, const TYPE *corner, const float *shares)                               \
    {                                                                                                                  \
        const Py_ssize_t row = grid->strides[1], column = grid->strides[2];                                            \
        const TYPE *behind = corner + grid->strides[0];                                                                \
        const float k = shares[0], j = shares[1], i = shares[2];                                                       \
        float a = BETWEEN(VALUE(grid, (float)corner[0]), VALUE(grid, (float)corner[column]), i);                       \
        float b = BETWEEN(VALUE(grid, (float)corner[row]), VALUE(grid, (float)corner[row + column]), i);               \
        float c = BETWEEN(VALUE(grid, (float)behind[0]), VALUE(grid, (float)behind[column]), i);                       \
        float d = BETWEEN(VALUE(grid, (float)behind[row]), VALUE(grid, (float)behind[row + column]), i);               \
        return BETWEEN(BETWEEN(a, b, j), BETWEEN(c, d, j), k);                                                         \
    }                                                                                                                  \
                                                                                                                       \
    static void NAME##_clamped(const Grid *grid, const Line *line, Py_ssize_t first, Py_ssize_t stop, float *out)      \
    {                                                                                                                  \
        for (Py_ssize_t x = first; x < stop; x++) {                                                                    \
            const TYPE *corner = grid->values;                                                                         \
            float shares[3];                                                                                           \
            for (int axis = 0; axis < 3; axis++) {                                                                     \
                double at = clamped(line->start[axis] + (double)x * line->step[axis],                                  \
                                    (double)(grid->counts[axis] - 1));                                                 \
                Py_ssize_t whole = (Py_ssize_t)at, last = last_corner(grid, axis);                                     \
                whole = whole < last ? whole : last;                                                                   \
                shares[axis] = (float)(at - (double)whole);                                                            \
                corner += whole * grid->strides[axis];                                                                 \
            }                                                                                                          \
            out[x] = NAME##_blend(grid, corner, shares);                                                               \
        }                                                                                                              \
    }                                                                                                                  \
                                                                                                                       \
    WIDE static void NAME##_block(const Grid *grid, const Line *line, Py_ssize_t first, int count, float *restrict out)\
    {                                                                                                                  \
        Cells cells;                                                                                                   \
        TYPE pairs[4][2 * BLOCK]; /* neighbours along a row: of the row, the next, and both of the slice behind */     \
        const Py_ssize_t slice = grid->strides[0], row = grid->strides[1];                                             \
        find_cells(grid, line, first, count, &cells);                                                                  \
        for (int x = 0; x < count; x++) {                                                                              \
            const TYPE *corner = (const TYPE *)grid->values + cells.at[x];                                             \
            ASK_FOR(corner);                                                                                           \
            ASK_FOR(corner + row);                                                                                     \
            ASK_FOR(corner + slice);                                                                                   \
            ASK_FOR(corner + slice + row);                                                                             \
        }                                                                                                              \
        for (int x = 0; x < count; x++) {                                                                              \
            const TYPE *corner = (const TYPE *)grid->values + cells.at[x];                                             \
            memcpy(&pairs[0][2 * x], corner, 2 * sizeof *corner);                                                      \
            memcpy(&pairs[1][2 * x], corner + row, 2 * sizeof *corner);                                                \
            memcpy(&pairs[2][2 * x], corner + slice, 2 * sizeof *corner);                                              \
            memcpy(&pairs[3][2 * x], corner + slice + row, 2 * sizeof *corner);                                        \
        }                                                                                                              \
        for (int x = 0; x < count; x++) {                                                                              \
            float k = cells.share[0][x], j = cells.share[1][x], i = cells.share[2][x];                                 \
            float a = BETWEEN(VALUE(grid, (float)pairs[0][2 * x]), VALUE(grid, (float)pairs[0][2 * x + 1]), i);        \
            float b = BETWEEN(VALUE(grid, (float)pairs[1][2 * x]), VALUE(grid, (float)pairs[1][2 * x + 1]), i);        \
            float c = BETWEEN(VALUE(grid, (float)pairs[2][2 * x]), VALUE(grid, (float)pairs[2][2 * x + 1]), i);        \
            float d = BETWEEN(VALUE(grid, (float)pairs[3][2 * x]), VALUE(grid, (float)pairs[3][2 * x + 1]), i);        \
            out[x] = BETWEEN(BETWEEN(a, b, j), BETWEEN(c, d, j), k);                                                   \
        }                                                                                                              \
    }                                                                                                                  \
                                                                                                                       \
    static void NAME##_inside(const Grid *grid, const Line *line, Py_ssize_t first, Py_ssize_t stop, float *out)       \
    {                                                                                                                  \
        for (Py_ssize_t x = first; x < stop; x += BLOCK)                                                               \
            NAME##_block(grid, line, x, (int)(stop - x < BLOCK ? stop - x : BLOCK), out + x);                          \
    }                                                                                                                  \
                                                                                                                       \
    static void NAME##_line(const Grid *grid, const Line *line, Py_ssize_t first, Py_ssize_t stop, float *out)         \
    {                                                                                                                  \
        Py_ssize_t begin = first, end = stop;                                                                          \
        narrow_to_cells(grid, line, &begin, &end);                                                                     \
        NAME##_clamped(grid, line, first, begin, out);                                                                 \
        NAME##_inside(grid, line, begin, end, out);                                                                    \
        NAME##_clamped(grid, line, end, stop, out);                                                                    \
    }

#define DEFINE_BOTH(NAME, TYPE)                                 \
    DEFINE_LOOPS(NAME, TYPE, AS_IT_IS, between)                 \
    DEFINE_LOOPS(NAME##_padded, TYPE, measured, between_measured)

DEFINE_BOTH(int16, int16_t)
DEFINE_BOTH(uint16, uint16_t)
DEFINE_BOTH(uint8, uint8_t)
DEFINE_BOTH(float32, float)

typedef void (*LineLoop)(const Grid *, const Line *, Py_ssize_t, Py_ssize_t, float *);

static LineLoop loop_for(const char *format, int is_padded)
{
    switch (format != NULL && format[0] != 0 && format[1] == 0 ? format[0] : 0) {
    case 'h': return is_padded ? int16_padded_line : int16_line;
    case 'H': return is_padded ? uint16_padded_line : uint16_line;
    case 'B': return is_padded ? uint8_padded_line : uint8_line;
    case 'f': return is_padded ? float32_padded_line : float32_line;
    default: return NULL;
    }
}

/* The points of a line that lie in the volume, which ends half a voxel beyond its outermost centres. */
WIDE static void find_inside(const Grid *grid, const Line *line, Py_ssize_t count, Py_ssize_t *first, Py_ssize_t *stop)
{
    double begin = 0, end = (double)(count - 1);
    for (int axis = 0; axis < 3; axis++) {
        const double step = line->step[axis], low = -0.5 - SAME_INDEX - line->start[axis];
        const double high = low + (double)grid->counts[axis] + 2 * SAME_INDEX;
        if (fabs(step) * (double)(count > 2 ? count - 1 : 1) < SAME_INDEX) {
            if (low > 0 || high < 0)
                end = -1;
            continue;
        }
        const double one = low / step, other = high / step;
        const double enters = one < other ? one : other, leaves = one < other ? other : one;
        begin = enters > begin ? enters : begin;
        end = leaves < end ? leaves : end;
    }
    begin = ceil(begin);
    end = floor(end) + 1;
    if (!(begin >= 0 && end <= (double)count && begin < end))
        begin = end = 0;
    *first = (Py_ssize_t)begin;
    *stop = (Py_ssize_t)end;
}

static void sample_all(const Grid *grid, LineLoop loop, const Line *lines, Py_ssize_t rows, Py_ssize_t count, float *out)
{
    for (Py_ssize_t row = 0; row < rows; row++, out += count) {
        Py_ssize_t first, stop;
        find_inside(grid, &lines[row], count, &first, &stop);
        for (Py_ssize_t x = 0; x < first; x++)
            out[x] = NAN;
        loop(grid, &lines[row], first, stop, out);
        for (Py_ssize_t x = stop; x < count; x++)
            out[x] = NAN;
    }
}

static int get_array(PyObject *object, Py_buffer *view, int flags, int dimensions, const char *format)
{
    if (PyObject_GetBuffer(object, view, flags | PyBUF_C_CONTIGUOUS | PyBUF_FORMAT) < 0)
        return 0;
    if (view->ndim == dimensions &&
        (format == NULL || (view->format[0] != 0 && strchr(format, view->format[0]) != NULL && view->format[1] == 0)))
        return 1;
    PyBuffer_Release(view);
    PyErr_SetString(PyExc_ValueError, "an array of another kind or shape");
    return 0;
}

/* Whether values lie where the machine reads them at once: vectors of them must. */
static int is_aligned(const Py_buffer *view)
{
    return (uintptr_t)view->buf % (size_t)view->itemsize == 0;
}

static int fit_together(const Py_buffer *stored, const Py_buffer *lines, const Py_buffer *out)
{
    Py_ssize_t rows = out->shape[0];
    for (int axis = 0; axis < 3; axis++)
        if (stored->shape[axis] < 1 || stored->shape[axis] > INT32_MAX)
            return 0;
    return out->shape[1] <= INT32_MAX && lines->shape[0] == rows && lines->shape[1] == 6 && is_aligned(stored) &&
           is_aligned(lines) && is_aligned(out);
}

static Grid grid_of(const Py_buffer *stored, double low, double high)
{
    Grid grid = {.values = stored->buf, .low = (float)low, .high = (float)high};
    Py_ssize_t stride = 1;
    for (int axis = 2; axis >= 0; axis--) {
        grid.counts[axis] = stored->shape[axis];
        grid.strides[axis] = stored->shape[axis] > 1 ? stride : 0;
        stride *= stored->shape[axis];
    }
    return grid;
}

static PyObject *sample_lines(PyObject *module, PyObject *args)
{
    PyObject *objects[3], *result = NULL;
    Py_buffer stored, lines, out;
    double low = 1, high = 0;
    (void)module;
    if (!PyArg_ParseTuple(args, "OOO|dd:sample_lines", &objects[0], &objects[1], &objects[2], &low, &high))
        return NULL;
    if (!get_array(objects[0], &stored, PyBUF_SIMPLE, 3, NULL))
        return NULL;
    if (!get_array(objects[1], &lines, PyBUF_SIMPLE, 2, "d"))
        goto release_stored;
    if (!get_array(objects[2], &out, PyBUF_WRITABLE, 2, "f"))
        goto release_lines;
    LineLoop loop = loop_for(stored.format, low <= high);
    if (loop == NULL || !fit_together(&stored, &lines, &out)) {
        PyErr_SetString(PyExc_ValueError, "arrays that do not fit together");
        goto release_out;
    }
    Grid grid = grid_of(&stored, low, high);
    Py_BEGIN_ALLOW_THREADS
    sample_all(&grid, loop, lines.buf, out.shape[0], out.shape[1], out.buf);
    Py_END_ALLOW_THREADS
    result = Py_NewRef(Py_None);
release_out:
    PyBuffer_Release(&out);
release_lines:
    PyBuffer_Release(&lines);
release_stored:
    PyBuffer_Release(&stored);
    return result;
}

static PyMethodDef methods[] = {
    {"sample_lines", sample_lines, METH_VARARGS,
     "sample_lines(stored, lines, out[, low, high]): write the values at points of lines into out, NaN beyond the"
     " volume; voxels from low to high are padding."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_curved", NULL, 0, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__curved(void)
{
    return PyModule_Create(&definition);
}
