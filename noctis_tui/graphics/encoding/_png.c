/* The filters of PNG lines, and the choice between them.

   Optional: noctis_tui/graphics/encoding/png.py does the same in numpy, slower. Nothing is kept between calls, and the
   interpreter is free while the loops run. */

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FILTERS 5

/* A line and the one above it, each after as many zeros as a pixel has bytes (PNG, third edition, 9.2). */
typedef struct {
    const uint8_t *line, *above;
    Py_ssize_t bytes, pixel;
} Lines;

/* Local pointers that share nothing: else every byte written might have changed where to read, and no loop is
   done in vectors. */
#define NEIGHBOURS \
    const uint8_t *restrict line = at->line, *restrict above = at->above; \
    const uint8_t *restrict left = line - at->pixel, *restrict corner = above - at->pixel; \
    const Py_ssize_t bytes = at->bytes; \
    (void)above, (void)left, (void)corner

static void by_none(const Lines *at, uint8_t *restrict out)
{
    NEIGHBOURS;
    memcpy(out, line, (size_t)bytes);
}

static void by_sub(const Lines *at, uint8_t *restrict out)
{
    NEIGHBOURS;
    for (Py_ssize_t x = 0; x < bytes; x++)
        out[x] = (uint8_t)(line[x] - left[x]);
}

static void by_up(const Lines *at, uint8_t *restrict out)
{
    NEIGHBOURS;
    for (Py_ssize_t x = 0; x < bytes; x++)
        out[x] = (uint8_t)(line[x] - above[x]);
}

static void by_average(const Lines *at, uint8_t *restrict out)
{
    NEIGHBOURS;
    for (Py_ssize_t x = 0; x < bytes; x++)
        out[x] = (uint8_t)(line[x] - (uint8_t)((left[x] + above[x]) >> 1));
}

static inline int16_t size_of(int16_t difference)
{
    return (int16_t)(difference < 0 ? -difference : difference);
}

static void by_paeth(const Lines *at, uint8_t *restrict out)
{
    NEIGHBOURS;
    for (Py_ssize_t x = 0; x < bytes; x++) {
        int16_t a = left[x], b = above[x], c = corner[x];
        int16_t b_less_c = (int16_t)(b - c), a_less_c = (int16_t)(a - c);
        int16_t to_a = size_of(b_less_c), to_b = size_of(a_less_c);
        int16_t to_c = size_of((int16_t)(b_less_c + a_less_c));
        int16_t nearest = to_b <= to_c ? b : c;
        nearest = to_a <= to_b && to_a <= to_c ? a : nearest;
        out[x] = (uint8_t)(line[x] - nearest);
    }
}

static uint64_t sum_of_differences(const uint8_t *bytes, Py_ssize_t count)
{
    uint64_t sum = 0;
    while (count) {
        Py_ssize_t part = count < 65536 ? count : 65536;
        uint32_t part_sum = 0; /* short, so that the loop is done in vectors */
        for (Py_ssize_t x = 0; x < part; x++)
            part_sum += bytes[x] < 128 ? bytes[x] : 256u - bytes[x];
        sum += part_sum;
        bytes += part;
        count -= part;
    }
    return sum;
}

/* Filter a line in every way; write the one whose differences are smallest, its number first. */
static void filter_line(const Lines *at, uint8_t *candidate, uint8_t *out)
{
    static void (*const filters[FILTERS])(const Lines *, uint8_t *) = {by_none, by_sub, by_up, by_average, by_paeth};
    uint64_t least = UINT64_MAX;
    for (int number = 0; number < FILTERS; number++) {
        filters[number](at, candidate);
        uint64_t sum = sum_of_differences(candidate, at->bytes);
        if (sum < least) {
            least = sum;
            out[0] = (uint8_t)number;
            memcpy(out + 1, candidate, (size_t)at->bytes);
        }
    }
}

static int filter_lines(const Py_buffer *lines, Py_ssize_t pixel, uint8_t *out)
{
    Py_ssize_t bytes = lines->shape[1];
    size_t room = (size_t)(bytes + pixel);
    uint8_t *scratch = calloc(3, room);
    if (scratch == NULL)
        return 0;
    uint8_t *line = scratch + pixel, *above = line + room;
    for (Py_ssize_t row = 0; row < lines->shape[0]; row++) {
        memcpy(line, (const uint8_t *)lines->buf + row * lines->strides[0], (size_t)bytes);
        Lines at = {line, above, bytes, pixel};
        filter_line(&at, scratch + 2 * room, out + row * (bytes + 1));
        uint8_t *done = line;
        line = above;
        above = done;
    }
    free(scratch);
    return 1;
}

static int is_readable(const Py_buffer *lines, Py_ssize_t pixel)
{
    if (lines->ndim == 2 && lines->itemsize == 1 && lines->shape[0] > 0 && lines->shape[1] > 0 &&
        (lines->strides[1] == 1 || lines->shape[1] == 1) && pixel > 0 && pixel <= 8)
        return 1;
    PyErr_SetString(PyExc_ValueError, "lines are bytes [rows, bytes] without gaps, a pixel 1 to 8 bytes");
    return 0;
}

static PyObject *filter(PyObject *module, PyObject *arguments)
{
    PyObject *object, *filtered = NULL;
    Py_ssize_t pixel;
    Py_buffer lines;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "On:filter", &object, &pixel) ||
        PyObject_GetBuffer(object, &lines, PyBUF_STRIDES) < 0)
        return NULL;
    if (is_readable(&lines, pixel))
        filtered = PyBytes_FromStringAndSize(NULL, lines.shape[0] * (lines.shape[1] + 1));
    if (filtered != NULL) {
        int is_done;
        uint8_t *out = (uint8_t *)PyBytes_AsString(filtered);
        Py_BEGIN_ALLOW_THREADS
        is_done = filter_lines(&lines, pixel, out);
        Py_END_ALLOW_THREADS
        if (!is_done) {
            Py_DECREF(filtered);
            filtered = PyErr_NoMemory();
        }
    }
    PyBuffer_Release(&lines);
    return filtered;
}

static PyMethodDef methods[] = {
    {"filter", filter, METH_VARARGS, "filter(lines, pixel): PNG lines, each by the filter that leaves least."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {{0, NULL}};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_png", "The compiled loops of PNG pictures.", 0, methods, slots, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__png(void)
{
    return PyModuleDef_Init(&definition);
}
