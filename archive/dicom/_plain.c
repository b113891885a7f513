/* The loops of archive/dicom/plain.py, compiled, and a pass over whole sequences that are as they should be.

   What is read here was written by peers and strangers. Every read is preceded by a check against `limit`, which
   is checked against the buffer; nothing is allocated but the values that were asked for, and nothing recurses. */

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>
#include <stdint.h>

#define LONGEST_VALUE 16384      /* as plain.py has it */
#define DEEPEST 32               /* sequences inside sequences; structure.py takes over, and allows more */
#define LONGEST_SEQUENCE 4194304 /* structure.py gives back the pages of longer ones while it walks */
#define MOST_ELEMENTS 1000000    /* structure.py refuses more */
#define UNDEFINED 0xFFFFFFFFu
#define ITEM 0xE000FFFEu /* tags as a little endian integer reads them */
#define ITEM_END 0xE00DFFFEu
#define SEQUENCE_END 0xE0DDFFFEu
#define PIXEL_DATA 0x00107FE0u
#define ENDS_HERE (-1)

typedef struct {
    const uint8_t *bytes;
    int64_t position, limit, stop, count;
    PyObject *wanted, *values;
    uint64_t bloom[4]; /* which tags may be wanted */
} Run;

static uint32_t u16(const uint8_t *at) { return (uint32_t)at[0] | (uint32_t)at[1] << 8; }

static uint32_t u32(const uint8_t *at) { return u16(at) | u16(at + 2) << 16; }

static unsigned slot(uint32_t tag) { return (tag * 2654435761u) >> 24; }

static int is_pixels(uint32_t tag) { return tag == 0x00087FE0u || tag == 0x00097FE0u || tag == PIXEL_DATA; }

#define VR(first, second) ((uint32_t)(first) | (uint32_t)(second) << 8)

enum { ODD, SHORT, LONG, UNKNOWN, SEQUENCE };

static int form_of(uint32_t vr)
{
    switch (vr) {
    case VR('A', 'E'): case VR('A', 'S'): case VR('A', 'T'): case VR('C', 'S'): case VR('D', 'A'):
    case VR('D', 'S'): case VR('D', 'T'): case VR('F', 'D'): case VR('F', 'L'): case VR('I', 'S'):
    case VR('L', 'O'): case VR('L', 'T'): case VR('P', 'N'): case VR('S', 'H'): case VR('S', 'L'):
    case VR('S', 'S'): case VR('S', 'T'): case VR('T', 'M'): case VR('U', 'I'): case VR('U', 'L'):
    case VR('U', 'S'):
        return SHORT;
    case VR('O', 'B'): case VR('O', 'D'): case VR('O', 'F'): case VR('O', 'L'): case VR('O', 'V'):
    case VR('O', 'W'): case VR('S', 'V'): case VR('U', 'C'): case VR('U', 'R'): case VR('U', 'T'):
    case VR('U', 'V'):
        return LONG;
    case VR('U', 'N'):
        return UNKNOWN;
    case VR('S', 'Q'):
        return SEQUENCE;
    default:
        return ODD;
    }
}

/* Keep the value if it is wanted: 1 to go on, 0 to end the run at this element, -1 for an exception. */
static int keep(const Run *run, uint32_t tag, int64_t begin, int64_t end)
{
    unsigned bit = slot(tag);
    if (!(run->bloom[bit >> 6] >> (bit & 63) & 1))
        return 1;
    PyObject *number = PyLong_FromUnsignedLong(tag);
    if (!number)
        return -1;
    PyObject *known = PyDict_GetItemWithError(run->wanted, number); /* borrowed */
    Py_DECREF(number);
    if (!known)
        return PyErr_Occurred() ? -1 : 1;
    int64_t cut = end < begin + LONGEST_VALUE ? end : begin + LONGEST_VALUE;
    if (is_pixels(tag))
        cut = begin;
    if (cut > run->limit)
        return 0;
    PyObject *value = PyBytes_FromStringAndSize((const char *)run->bytes + begin, (Py_ssize_t)(cut - begin));
    if (!value)
        return -1;
    int failed = PyDict_SetItem(run->values, known, value);
    Py_DECREF(value);
    return failed ? -1 : 1;
}

/* Where the plain element at `position` begins and ends its value; there are 12 bytes. False when it is not plain. */
static int explicit_element(const uint8_t *at, int64_t position, uint32_t *tag, int64_t *begin, int64_t *end)
{
    *tag = u32(at);
    int form = form_of(u16(at + 4));
    if (form != SHORT && form != LONG)
        return 0;
    *begin = position + (form == SHORT ? 8 : 12);
    *end = *begin + (form == SHORT ? u16(at + 6) : u32(at + 8));
    return (*tag & 0xFFFF) != 0xFFFE;
}

static int implicit_element(const uint8_t *at, int64_t position, uint32_t *tag, int64_t *begin, int64_t *end)
{
    uint32_t length = u32(at + 4);
    *tag = u32(at);
    *begin = position + 8;
    *end = *begin + length;
    return (*tag & 0xFFFF) != 0xFFFE && *tag != 0 && !(u32(at + 8) == ITEM && length);
}

typedef int (*Element)(const uint8_t *, int64_t, uint32_t *, int64_t *, int64_t *);

static int pass(Run *run, Element element)
{
    while (run->position <= run->limit - 12) {
        uint32_t tag;
        int64_t begin, end;
        if (!element(run->bytes + run->position, run->position, &tag, &begin, &end) || end > run->stop)
            break;
        int kept = keep(run, tag, begin, end);
        if (kept < 0)
            return -1;
        if (!kept)
            break;
        run->position = end;
        run->count++;
    }
    return 0;
}

static int note_wanted(Run *run)
{
    PyObject *key, *value;
    Py_ssize_t at = 0;
    while (PyDict_Next(run->wanted, &at, &key, &value)) {
        unsigned long tag = PyLong_AsUnsignedLong(key);
        if (tag == (unsigned long)-1 && PyErr_Occurred())
            return -1;
        unsigned bit = slot((uint32_t)tag);
        run->bloom[bit >> 6] |= (uint64_t)1 << (bit & 63);
    }
    return 0;
}

static int in_buffer(const Py_buffer *view, Py_ssize_t position, Py_ssize_t limit)
{
    if (position >= 0 && limit <= view->len)
        return 1;
    PyErr_SetString(PyExc_ValueError, "outside of the buffer");
    return 0;
}

static PyObject *run_of(PyObject *arguments, Element element)
{
    Py_buffer view;
    Py_ssize_t position, limit, stop;
    Run run = {0};
    if (!PyArg_ParseTuple(arguments, "y*nnnO!O!", &view, &position, &limit, &stop, &PyDict_Type, &run.wanted,
                          &PyDict_Type, &run.values))
        return NULL;
    run.bytes = view.buf, run.position = position, run.limit = limit, run.stop = stop;
    int failed = !in_buffer(&view, position, limit) || note_wanted(&run) || pass(&run, element);
    PyBuffer_Release(&view);
    return failed ? NULL : Py_BuildValue("LL", (long long)run.position, (long long)run.count);
}

static PyObject *plain_explicit(PyObject *module, PyObject *arguments)
{
    (void)module;
    return run_of(arguments, explicit_element);
}

static PyObject *plain_implicit(PyObject *module, PyObject *arguments)
{
    (void)module;
    return run_of(arguments, implicit_element);
}

/* Sequences. A level is a sequence or an item that the pass is inside of; `undefined` ones end in a delimiter. */

typedef struct {
    int64_t stop;
    int is_sequence, undefined;
} Level;

typedef struct {
    const uint8_t *bytes;
    int implicit, depth;
    int64_t count;
    Level levels[2 * DEEPEST];
} Pass;

static int64_t enter(Pass *pass, int64_t begin, uint32_t length, int64_t stop, int is_sequence)
{
    int undefined = length == UNDEFINED;
    if (pass->depth == 2 * DEEPEST || (!undefined && begin + length > stop))
        return ENDS_HERE;
    Level *level = &pass->levels[pass->depth++];
    level->stop = undefined ? stop : begin + length;
    level->undefined = undefined;
    level->is_sequence = is_sequence;
    return begin;
}

/* Whether items inside of explicit elements are implicit: their first VR would tell. */
static int turns_implicit(const Pass *pass, int64_t begin, int64_t stop)
{
    if (pass->implicit || begin + 8 > stop || u32(pass->bytes + begin) == ITEM_END)
        return 0;
    uint8_t first = pass->bytes[begin + 4], second = pass->bytes[begin + 5];
    return first < 'A' || first > 'Z' || second < 'A' || second > 'Z';
}

static int64_t item(Pass *pass, int64_t position, Level level)
{
    if (position + 8 > level.stop)
        return ENDS_HERE;
    uint32_t tag = u32(pass->bytes + position), length = u32(pass->bytes + position + 4);
    pass->count++;
    if (tag == SEQUENCE_END) {
        pass->depth -= level.undefined;
        return level.undefined ? position + 8 : ENDS_HERE;
    }
    if (tag != ITEM)
        return ENDS_HERE;
    int64_t begin = enter(pass, position + 8, length, level.stop, 0);
    if (begin != ENDS_HERE && turns_implicit(pass, begin, pass->levels[pass->depth - 1].stop))
        return ENDS_HERE;
    return begin;
}

static int begins_as_items(const Pass *pass, int64_t begin, int64_t stop)
{
    if (begin + 8 > stop)
        return 0;
    uint32_t first = u32(pass->bytes + begin);
    return first == ITEM || first == 0x00E0FEFFu;
}

/* The end of an item of undefined length; others than these are left to structure.py. */
static int64_t item_end(Pass *pass, int64_t position, Level level, uint32_t tag, uint32_t length)
{
    if (tag != ITEM_END || length || !level.undefined || pass->depth < 2)
        return ENDS_HERE;
    pass->depth--;
    return position + 8;
}

static int64_t implicit_any(Pass *pass, int64_t position, Level level)
{
    if (position + 8 > level.stop)
        return ENDS_HERE;
    uint32_t tag = u32(pass->bytes + position), length = u32(pass->bytes + position + 4);
    int64_t begin = position + 8;
    if ((tag & 0xFFFF) == 0xFFFE)
        return item_end(pass, position, level, tag, length);
    if (tag == PIXEL_DATA || tag == 0)
        return ENDS_HERE;
    int64_t stop = length == UNDEFINED ? level.stop : begin + length;
    if (stop > level.stop)
        return ENDS_HERE;
    if (length == UNDEFINED || begins_as_items(pass, begin, stop))
        return enter(pass, begin, length, level.stop, 1);
    return stop;
}

static int64_t explicit_any(Pass *pass, int64_t position, Level level)
{
    if (position + 8 > level.stop)
        return ENDS_HERE;
    const uint8_t *at = pass->bytes + position;
    uint32_t tag = u32(at);
    if ((tag & 0xFFFF) == 0xFFFE)
        return item_end(pass, position, level, tag, u32(at + 4));
    int form = form_of(u16(at + 4));
    if (form == ODD || (form != SHORT && position + 12 > level.stop))
        return ENDS_HERE;
    int64_t begin = position + (form == SHORT ? 8 : 12);
    uint32_t length = form == SHORT ? u16(at + 6) : u32(at + 8);
    if (form == SEQUENCE)
        return tag == PIXEL_DATA ? ENDS_HERE : enter(pass, begin, length, level.stop, 1);
    int64_t stop = begin + length;
    if (length == UNDEFINED || stop > level.stop || (form == UNKNOWN && begins_as_items(pass, begin, stop)))
        return ENDS_HERE;
    return stop;
}

/* Pass over a sequence that has been entered, to its end. */
static int64_t through(Pass *pass, int64_t position)
{
    int64_t furthest = position + LONGEST_SEQUENCE;
    while (pass->depth) {
        Level level = pass->levels[pass->depth - 1];
        if (position >= level.stop && !level.undefined) {
            pass->depth--;
            continue;
        }
        if (level.is_sequence)
            position = item(pass, position, level);
        else {
            pass->count++;
            position = pass->implicit ? implicit_any(pass, position, level) : explicit_any(pass, position, level);
        }
        if (position == ENDS_HERE || position > furthest || pass->count > MOST_ELEMENTS)
            return ENDS_HERE;
    }
    return position;
}

/* Enter the sequence at `position`, unless it is none or its value is wanted; -1 for an exception. */
static int begin_sequence(Pass *pass, int64_t position, int64_t limit, PyObject *wanted, int64_t *end)
{
    if (position + 12 > limit)
        return 0;
    const uint8_t *at = pass->bytes + position;
    uint32_t tag = u32(at), length = u32(at + (pass->implicit ? 4 : 8));
    int64_t begin = position + (pass->implicit ? 8 : 12);
    int64_t stop = length == UNDEFINED ? limit : begin + length;
    if ((tag & 0xFFFF) == 0xFFFE || tag == PIXEL_DATA || tag == 0 || stop > limit)
        return 0;
    if (pass->implicit ? length != UNDEFINED && !begins_as_items(pass, begin, stop)
                       : form_of(u16(at + 4)) != SEQUENCE)
        return 0;
    PyObject *number = PyLong_FromUnsignedLong(tag);
    int is_wanted = number ? PyDict_Contains(wanted, number) : -1;
    Py_XDECREF(number);
    if (!is_wanted)
        *end = enter(pass, begin, length, limit, 1);
    return is_wanted < 0 ? -1 : 0;
}

static PyObject *whole_sequence(PyObject *module, PyObject *arguments)
{
    (void)module;
    Py_buffer view;
    Py_ssize_t position, limit;
    PyObject *wanted;
    Pass pass = {0};
    if (!PyArg_ParseTuple(arguments, "y*nnO!p", &view, &position, &limit, &PyDict_Type, &wanted, &pass.implicit))
        return NULL;
    pass.bytes = view.buf;
    int64_t end = ENDS_HERE;
    int failed = !in_buffer(&view, position, limit) || begin_sequence(&pass, position, limit, wanted, &end);
    if (!failed && end != ENDS_HERE)
        end = through(&pass, end);
    PyBuffer_Release(&view);
    if (failed)
        return NULL;
    return Py_BuildValue("LL", (long long)(end == ENDS_HERE ? position : end),
                         (long long)(end == ENDS_HERE ? 0 : pass.count + 1));
}

static PyMethodDef functions[] = {
    {"plain_explicit", plain_explicit, METH_VARARGS, NULL},
    {"plain_implicit", plain_implicit, METH_VARARGS, NULL},
    {"whole_sequence", whole_sequence, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {{0, NULL}};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_plain", NULL, 0, functions, slots, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__plain(void) { return PyModuleDef_Init(&definition); }
