/* Values and differences between voxels at many points, and where rays enter: what a surface's place and its normals come from.

   Optional: noctis_tui/imaging/turning/values_between.py and ray_entries.py do the same in numpy, slower. Nothing is kept between calls, and the
   interpreter is free while a loop runs. */

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    const void *stored;
    Py_ssize_t sizes[3], steps[3];
    char format;
    int is_padded;             /* whether `instead` stands for voxels from low to high */
    double low, high, instead;
    double way[3], limit, sign; /* of rays: from slice to slice; what is inside is above (1) or below (-1) the limit */
} Volume;

/* The two voxels along an axis between which a place lies, and the share of the second; beyond the outermost voxels
   their values go on. */
static double hold(const Volume *volume, int axis, double at, Py_ssize_t *low, Py_ssize_t *step)
{
    Py_ssize_t last = volume->sizes[axis] - 1;
    if (!(at > 0)) /* what is no number is held, too */
        at = 0;
    if (at > (double)last)
        at = (double)last;
    Py_ssize_t below = (Py_ssize_t)at;
    if (below == last && last > 0)
        below--;
    *low += below * volume->steps[axis];
    *step = last > 0 ? volume->steps[axis] : 0;
    return at - (double)below;
}

#define AS_IT_IS(value) ((double)(value))
#define MEASURED(value) \
    (((double)(value) >= volume->low) & ((double)(value) <= volume->high) ? volume->instead : (double)(value))

#define BETWEEN(name, type, VALUE) \
    static double between_##name(const Volume *volume, double k, double j, double i) \
    { \
        Py_ssize_t low = 0, down, next, right; \
        double a = hold(volume, 0, k, &low, &down), b = hold(volume, 1, j, &low, &next), \
               c = hold(volume, 2, i, &low, &right), four[4]; \
        const type *at = (const type *)volume->stored + low; \
        for (int corner = 0; corner < 4; corner++) { \
            const type *row = at + (corner & 2 ? down : 0) + (corner & 1 ? next : 0); \
            double first = VALUE(row[0]), second = VALUE(row[right]); \
            four[corner] = first + (second - first) * c; \
        } \
        double near = four[0] + (four[1] - four[0]) * b, far = four[2] + (four[3] - four[2]) * b; \
        return near + (far - near) * a; \
    }

BETWEEN(signed_16, int16_t, AS_IT_IS)
BETWEEN(unsigned_16, uint16_t, AS_IT_IS)
BETWEEN(unsigned_8, uint8_t, AS_IT_IS)
BETWEEN(float_32, float, AS_IT_IS)
BETWEEN(signed_16_padded, int16_t, MEASURED)
BETWEEN(unsigned_16_padded, uint16_t, MEASURED)
BETWEEN(unsigned_8_padded, uint8_t, MEASURED)
BETWEEN(float_32_padded, float, MEASURED)

typedef double (*Between)(const Volume *, double, double, double);

static Between between_of(const Volume *volume)
{
    int is_padded = volume->is_padded;
    return volume->format == 'h'   ? is_padded ? between_signed_16_padded : between_signed_16
           : volume->format == 'H' ? is_padded ? between_unsigned_16_padded : between_unsigned_16
           : volume->format == 'B' ? is_padded ? between_unsigned_8_padded : between_unsigned_8
           : is_padded             ? between_float_32_padded
                                   : between_float_32;
}

static void values_at(const Volume *volume, const double *indices, Py_ssize_t count, Py_ssize_t from, Py_ssize_t to,
                      double *out)
{
    Between between = between_of(volume);
    for (Py_ssize_t p = from; p < to; p++)
        out[p] = between(volume, indices[p], indices[count + p], indices[2 * count + p]);
}

/* One voxel ahead less one behind, along each axis. */
static void differences_at(const Volume *volume, const double *indices, Py_ssize_t count, Py_ssize_t from,
                           Py_ssize_t to, double *out)
{
    Between between = between_of(volume);
    for (Py_ssize_t p = from; p < to; p++) {
        double k = indices[p], j = indices[count + p], i = indices[2 * count + p];
        out[p] = between(volume, k + 1, j, i) - between(volume, k - 1, j, i);
        out[count + p] = between(volume, k, j + 1, i) - between(volume, k, j - 1, i);
        out[2 * count + p] = between(volume, k, j, i + 1) - between(volume, k, j, i - 1);
    }
}

#define REACH 0.5     /* of a volume beyond the centres of its outermost voxels */
#define LOOKED_FURTHER 64
#define ROUNDED 2     /* slices before which a ray may be said to be in the volume */

/* How far inside a ray is some slices on; not a number where it is not in the volume. */
static double depth(const Volume *volume, Between between, const double *start, int step)
{
    double at[3];
    for (int axis = 0; axis < 3; axis++) {
        at[axis] = start[axis] + step * volume->way[axis];
        if (!(at[axis] >= -REACH && at[axis] <= (double)(volume->sizes[axis] - 1) + REACH))
            return NAN;
    }
    return (between(volume, at[0], at[1], at[2]) - volume->limit) * volume->sign;
}

/* Where between `step` and the next one a ray enters; half way where it comes from outside. */
static double crossing(double before, double here, int step)
{
    double crossed = before > 0 ? 0 : before;
    if (isnan(before))
        return step + 0.5;
    return step + crossed / (crossed < 0 && here >= 0 ? crossed - here : 1);
}

static double entry(const Volume *volume, Between between, const double *start)
{
    double before = depth(volume, between, start, -1);
    if (before >= 0)
        return crossing(depth(volume, between, start, -2), before, -2);
    for (int step = 0; step < LOOKED_FURTHER; step++) {
        double here = depth(volume, between, start, step);
        if (here >= 0)
            return crossing(before, here, step - 1);
        if (!(here < 0 || step < ROUNDED))
            break;
        before = here;
    }
    return NAN;
}

static void entries_of(const Volume *volume, const double *starts, Py_ssize_t count, Py_ssize_t from, Py_ssize_t to,
                       double *out)
{
    Between between = between_of(volume);
    for (Py_ssize_t p = from; p < to; p++) {
        const double start[3] = {starts[p], starts[count + p], starts[2 * count + p]};
        out[p] = entry(volume, between, start);
    }
}

static int take(Volume *volume, const Py_buffer *stored)
{
    const char *format = stored->format == NULL ? "B" : stored->format;
    if (stored->ndim != 3 || stored->len == 0 || format[0] == 0 || strchr("hHBf", format[0]) == NULL || format[1] != 0)
        return 0;
    volume->stored = stored->buf;
    volume->format = format[0];
    for (int axis = 0; axis < 3; axis++) {
        volume->sizes[axis] = stored->shape[axis];
        volume->steps[axis] = stored->strides[axis] / stored->itemsize;
    }
    return 1;
}

/* Whether values lie where the machine reads them at once: vectors of them must. */
static int is_aligned(const Py_buffer *view)
{
    return (uintptr_t)view->buf % (size_t)view->itemsize == 0;
}

static int is_float64(const Py_buffer *view)
{
    return view->format != NULL && strcmp(view->format, "d") == 0;
}

typedef void (*Loop)(const Volume *, const double *, Py_ssize_t, Py_ssize_t, Py_ssize_t, double *);

static PyObject *run(PyObject *arguments, Loop loop)
{
    const int along = loop == differences_at ? 3 : 1;
    PyObject *objects[3];
    Py_ssize_t from, to;
    Py_buffer views[3] = {{0}};
    Volume volume = {.low = 1, .high = 0};
    double *way = volume.way;
    int failed = 0;
    if (loop == entries_of ? !PyArg_ParseTuple(arguments, "OOOnnddddd|ddd", &objects[0], &objects[1], &objects[2], &from,
                                               &to, &way[0], &way[1], &way[2], &volume.limit, &volume.sign, &volume.low,
                                               &volume.high, &volume.instead)
                           : !PyArg_ParseTuple(arguments, "OOOnn|ddd", &objects[0], &objects[1], &objects[2], &from, &to,
                                               &volume.low, &volume.high, &volume.instead))
        return NULL;
    volume.is_padded = volume.low <= volume.high;
    for (int i = 0; i < 3 && !failed; i++)
        failed = PyObject_GetBuffer(objects[i], &views[i],
                                    PyBUF_C_CONTIGUOUS | PyBUF_FORMAT | (i == 2 ? PyBUF_WRITABLE : 0)) < 0;
    if (!failed) {
        Py_ssize_t count = views[1].len / 24;
        failed = !take(&volume, &views[0]) || !is_float64(&views[1]) || !is_float64(&views[2]) ||
                 views[1].len != count * 24 || views[2].len != count * 8 * along || from < 0 || to > count ||
                 !is_aligned(&views[0]) || !is_aligned(&views[1]) || !is_aligned(&views[2]);
        if (failed)
            PyErr_SetString(PyExc_ValueError, "arrays that do not belong together");
        else {
            Py_BEGIN_ALLOW_THREADS
            loop(&volume, views[1].buf, count, from, to, views[2].buf);
            Py_END_ALLOW_THREADS
        }
    }
    for (int i = 0; i < 3; i++)
        PyBuffer_Release(&views[i]);
    if (failed)
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *values(PyObject *module, PyObject *arguments)
{
    (void)module;
    return run(arguments, values_at);
}

static PyObject *differences(PyObject *module, PyObject *arguments)
{
    (void)module;
    return run(arguments, differences_at);
}

static PyObject *entries(PyObject *module, PyObject *arguments)
{
    (void)module;
    return run(arguments, entries_of);
}

static PyMethodDef methods[] = {
    {"values", values, METH_VARARGS, "values(stored, indices, out, from, to[, low, high, instead]): trilinear, at [3, points]; `instead` stands for"
     " voxels from low to high."},
    {"differences", differences, METH_VARARGS, "differences(stored, indices, out, from, to[, low, high, instead]): over two voxels, [3, points]."},
    {"entries", entries, METH_VARARGS, "entries(stored, starts, out, from, to, k, j, i, limit, sign[, low, high, instead]): after how many steps of"
     " (k, j, i) rays from [3, points] enter; not a number where they do not."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_surface", NULL, 0, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__surface(void)
{
    return PyModule_Create(&module);
}
