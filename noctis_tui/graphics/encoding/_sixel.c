/* The loops of sixel pictures as Python calls them. */

#include "_sixel.h"

#define MOST_COLUMNS 9999

static int get_picture(PyObject *object, Py_buffer *view, int flags)
{
    if (PyObject_GetBuffer(object, view, flags | PyBUF_STRIDES) < 0)
        return 0;
    if (view->ndim != 2 || view->itemsize != 1 || view->shape[0] < 1 || view->shape[1] < 1 ||
        (view->strides[1] != 1 && view->shape[1] != 1)) {
        PyErr_SetString(PyExc_ValueError, "a picture is bytes [rows, columns], its rows without gaps");
        PyBuffer_Release(view);
        return 0;
    }
    return 1;
}

static PyObject *bands(PyObject *module, PyObject *arguments)
{
    PyObject *object;
    int overpaint;
    Py_buffer indices;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "Op:bands", &object, &overpaint) || !get_picture(object, &indices, 0))
        return NULL;
    if (indices.shape[1] > MOST_COLUMNS) {
        PyErr_SetString(PyExc_ValueError, "a sixel picture has at most 9999 columns");
        PyBuffer_Release(&indices);
        return NULL;
    }
    Text text = {NULL, 0, 0};
    char used[COLORS] = {0};
    int is_done;
    Py_BEGIN_ALLOW_THREADS
    is_done = write_bands(&text, &indices, overpaint, used);
    Py_END_ALLOW_THREADS
    PyBuffer_Release(&indices);
    PyObject *result = is_done ? Py_BuildValue("y#y#", text.bytes, (Py_ssize_t)text.length, used, (Py_ssize_t)COLORS)
                               : PyErr_NoMemory();
    free(text.bytes);
    return result;
}

static int same_shape(const Py_buffer *one, const Py_buffer *other)
{
    if (one->shape[0] == other->shape[0] && one->shape[1] == other->shape[1])
        return 1;
    PyErr_SetString(PyExc_ValueError, "pictures of different sizes");
    return 0;
}

static int is_table(Py_ssize_t length)
{
    if (length == COLORS)
        return 1;
    PyErr_SetString(PyExc_ValueError, "a table has 256 entries");
    return 0;
}

static PyObject *index_(PyObject *module, PyObject *arguments)
{
    PyObject *pixels_object, *noise_object, *out_object;
    const uint8_t *lower, *chance;
    Py_ssize_t lower_length, chance_length, scale;
    Py_buffer pixels, out;
    Steps steps;
    int is_done = 0;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "OOy#y#nO:index", &pixels_object, &noise_object, &lower, &lower_length, &chance,
                          &chance_length, &scale, &out_object))
        return NULL;
    if (!is_table(lower_length) || !is_table(chance_length))
        return NULL;
    if (scale < 1 || scale > 16) {
        PyErr_SetString(PyExc_ValueError, "blocks of 1 to 16 pixels a side");
        return NULL;
    }
    for (int value = 0; value < COLORS; value++)
        steps.table[value] = (uint16_t)(lower[value] << 8 | chance[value]);
    if (!get_picture(pixels_object, &pixels, 0))
        return NULL;
    if (!get_picture(noise_object, &steps.noise, 0))
        goto release_pixels;
    if (!get_picture(out_object, &out, PyBUF_WRITABLE))
        goto release_noise;
    if (same_shape(&pixels, &out)) {
        Py_BEGIN_ALLOW_THREADS
        index_pixels(&steps, &pixels, scale, &out);
        Py_END_ALLOW_THREADS
        is_done = 1;
    }
    PyBuffer_Release(&out);
release_noise:
    PyBuffer_Release(&steps.noise);
release_pixels:
    PyBuffer_Release(&pixels);
    if (!is_done)
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *overlay_(PyObject *module, PyObject *arguments)
{
    PyObject *overlay_object, *out_object;
    const char *index_of;
    Py_ssize_t length;
    Py_buffer overlay, out;
    int is_done = 0;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "Oy#O:overlay", &overlay_object, &index_of, &length, &out_object) ||
        !is_table(length) || !get_picture(overlay_object, &overlay, 0))
        return NULL;
    if (get_picture(out_object, &out, PyBUF_WRITABLE)) {
        if (same_shape(&overlay, &out)) {
            Py_BEGIN_ALLOW_THREADS
            paint_over(&overlay, (const uint8_t *)index_of, &out);
            Py_END_ALLOW_THREADS
            is_done = 1;
        }
        PyBuffer_Release(&out);
    }
    PyBuffer_Release(&overlay);
    if (!is_done)
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *count(PyObject *module, PyObject *object)
{
    Py_buffer picture;
    uint64_t counts[COLORS];
    (void)module;
    if (!get_picture(object, &picture, 0))
        return NULL;
    Py_BEGIN_ALLOW_THREADS
    count_values(&picture, counts);
    Py_END_ALLOW_THREADS
    PyBuffer_Release(&picture);
    return PyBytes_FromStringAndSize((const char *)counts, sizeof counts);
}

static PyMethodDef methods[] = {
    {"bands", bands, METH_VARARGS, "bands(indices, overpaint): the bands of a sixel picture, and for each register a byte that says whether it is used."},
    {"index", index_, METH_VARARGS, "index(pixels, thresholds, lower, chance, scale, out): grey indices of display values."},
    {"overlay", overlay_, METH_VARARGS, "overlay(overlay, index_of, out): write the index of each overlay value but 0."},
    {"count", count, METH_O, "count(picture): how often each value occurs, as 256 unsigned integers of 8 bytes."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {{0, NULL}};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_sixel", "The compiled loops of sixel pictures.", 0, methods, slots, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__sixel(void)
{
    return PyModuleDef_Init(&definition);
}
