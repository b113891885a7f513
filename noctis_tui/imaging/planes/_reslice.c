/* Trilinear sampling of planes that lie behind each other, and their maximum, minimum or mean.

   Optional: noctis_tui/imaging/planes/trilinear.py does the same in numpy, slower, and gives the same bits: what is
   computed here in double or in float is so there, in the same order (build without contracting a * b + c).
   Nothing is kept between calls, and the interpreter is free while a loop runs. */

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define STRIP 256 /* pixels of a row that go through the steps together: all they need stays in the cache */
#define SAME_INDEX 1e-6
#define LONGEST_AXIS INT32_MAX
#define STEPS 16777216.0     /* of the share of a voxel: all that float can tell apart below 1 */
#define FARTHEST 1073741822.0 /* twice that is a number, too */

/* Wider registers, where the machine that runs this has them; chosen when the module is loaded. */
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__gnu_linux__)
#define WIDE __attribute__((target_clones("avx2", "default")))
#else
#define WIDE
#endif

enum { MAXIMUM, MINIMUM, MEAN };

/* A voxel index: a whole number and a share, in steps of 2^-24, which float adds without rounding. */
typedef struct {
    int32_t whole;
    float share;
} Split;

typedef struct {
    Py_ssize_t shape[3], step[3];     /* voxels; step: to the next voxel, 0 along axes of a single one */
    const double *per_row, *per_column;
    Py_ssize_t columns;
    int32_t *wholes[3];               /* of the index of each column, one too much */
    float *shares[3];                 /* one too little */
    uint64_t *places;                 /* how far these voxels lie in memory from the row's, in voxels */
    int projection, is_padded;
    float low, high;                  /* of padding: voxels that are no samples */
} Task;

/* What a strip of pixels needs: from where in the volume, and the shares of the farther neighbours. */
typedef struct {
    uint64_t at[STRIP]; /* sums that come out right, whatever their parts are */
    float share[3][STRIP];
    float value[STRIP];
} Strip;

typedef struct {
    float *values;  /* of a row of pixels: the largest or smallest sample so far, NaN for none */
    double *sums;   /* for means */
    int32_t *counts;
} Pile;

/* The columns of a row that lie in the volume, which ends half a voxel beyond its outermost centres. */
static void columns_inside(const Task *task, const double *start, Py_ssize_t *first, Py_ssize_t *stop)
{
    double begin = 0, end = (double)task->columns;
    for (int axis = 0; axis < 3; axis++) {
        double low = -0.5 - SAME_INDEX - start[axis], high = low + (double)task->shape[axis] + 2 * SAME_INDEX;
        double step = task->per_column[axis];
        if (fabs(step) * (double)(task->columns > 2 ? task->columns - 1 : 1) < SAME_INDEX) {
            if (!(low <= 0 && high >= 0))
                end = 0;
            continue;
        }
        double one = low / step, other = high / step;
        double from = ceil(one < other ? one : other), to = floor(one < other ? other : one) + 1;
        begin = from > begin ? from : begin;
        end = to < end ? to : end;
    }
    if (!(begin >= 0 && end <= (double)task->columns && begin < end))
        begin = end = 0;
    *first = (Py_ssize_t)begin;
    *stop = (Py_ssize_t)end;
}

static inline Split split(double index, int is_column)
{
    double whole = floor(index), steps = rint((index - whole) * STEPS);
    if (steps >= STEPS) {
        whole += 1;
        steps = 0;
    }
    whole = whole > -FARTHEST ? whole : -FARTHEST; /* NaN becomes that, too */
    whole = whole < FARTHEST ? whole : FARTHEST;
    steps = steps > 0 ? steps : 0;
    return (Split){(int32_t)whole + is_column, (float)(steps / STEPS) - (float)is_column};
}

/* Shares of rows and columns add up to -1 to 1: what is below 0 takes one back from the whole number. */
WIDE static void add_shares(float near, const float *restrict shares, uint64_t stride, int count, float *restrict share,
                            uint64_t *restrict at)
{
    for (int pixel = 0; pixel < count; pixel++) {
        const float part = near + shares[pixel];
        share[pixel] = part < 0 ? part + 1.0f : part;
        at[pixel] -= part < 0 ? stride : 0;
    }
}

/* The same where some lie at the outermost voxels or beyond: these are held there. */
static void add_held(Split start, const float *restrict shares, const int32_t *restrict wholes, int32_t last,
                     uint64_t stride, int from, int to, float *restrict share, uint64_t *restrict at)
{
    for (int pixel = from; pixel < to; pixel++) {
        const float part = start.share + shares[pixel], rest = part < 0 ? part + 1.0f : part;
        const int32_t whole = start.whole + wholes[pixel] - (part < 0), low = whole < 0 ? 0 : whole;
        share[pixel] = whole < 0 ? 0.0f : low > last ? 1.0f : rest;
        at[pixel] += (uint64_t)(low < last ? low : last) * stride;
    }
}

static void hold(const Task *task, const Split *start, Py_ssize_t first, int from, int to, Strip *strip)
{
    memset(strip->at + from, 0, (size_t)(to - from) * sizeof *strip->at);
    for (int axis = 0; axis < 3; axis++)
        add_held(start[axis], task->shares[axis] + first, task->wholes[axis] + first,
                 task->shape[axis] > 1 ? (int32_t)task->shape[axis] - 2 : 0, (uint64_t)task->step[axis], from, to,
                 strip->share[axis], strip->at);
}

static int is_between(const Task *task, const Split *start, Py_ssize_t column)
{
    int is_so = 1;
    for (int axis = 0; axis < 3; axis++) {
        const int32_t whole = start[axis].whole + task->wholes[axis][column];
        is_so &= whole >= 1 && whole <= (int32_t)task->shape[axis] - 2;
    }
    return is_so;
}

/* Pixels between the outermost voxels lie side by side, since whole numbers grow or fall along a row. */
static void locate(const Task *task, const Split *start, Py_ssize_t first, int count, Strip *strip)
{
    int from = 0, to = count;
    uint64_t place = 0;
    while (from < to && !is_between(task, start, first + from))
        from++;
    while (from < to && !is_between(task, start, first + to - 1))
        to--;
    hold(task, start, first, 0, from, strip);
    hold(task, start, first, to, count, strip);
    for (int axis = 0; axis < 3; axis++)
        place += (uint64_t)(int64_t)start[axis].whole * (uint64_t)task->step[axis];
    for (int pixel = from; pixel < to; pixel++)
        strip->at[pixel] = place + task->places[first + pixel];
    for (int axis = 0; axis < 3; axis++)
        add_shares(start[axis].share, task->shares[axis] + first + from, (uint64_t)task->step[axis], to - from,
                   strip->share[axis] + from, strip->at + from);
}

/* For each type of voxel: pairs of neighbours are loaded together, all the rest is done side by side. */
#define SAMPLER(NAME, TYPE)                                                                                      \
    typedef struct {                                                                                             \
        TYPE near, far;                                                                                          \
    } NAME##_pair;                                                                                               \
                                                                                                                 \
    WIDE static void NAME##_strip(const Task *task, const void *stored, int count, Strip *strip)                 \
    {                                                                                                            \
        NAME##_pair pairs[4][STRIP];                                                                             \
        const Py_ssize_t deep = task->step[0], down = task->step[1];                                             \
        for (int pixel = 0; pixel < count; pixel++) {                                                            \
            const TYPE *corner = (const TYPE *)stored + strip->at[pixel];                                        \
            memcpy(&pairs[0][pixel], corner, sizeof pairs[0][0]);                                                \
            memcpy(&pairs[1][pixel], corner + down, sizeof pairs[0][0]);                                         \
            memcpy(&pairs[2][pixel], corner + deep, sizeof pairs[0][0]);                                         \
            memcpy(&pairs[3][pixel], corner + deep + down, sizeof pairs[0][0]);                                  \
        }                                                                                                        \
        for (int pixel = 0; pixel < count; pixel++) {                                                            \
            const float k = strip->share[0][pixel], j = strip->share[1][pixel], i = strip->share[2][pixel];      \
            float a = (float)pairs[0][pixel].near, b = (float)pairs[1][pixel].near;                              \
            float c = (float)pairs[2][pixel].near, d = (float)pairs[3][pixel].near;                              \
            a += ((float)pairs[0][pixel].far - a) * i;                                                           \
            b += ((float)pairs[1][pixel].far - b) * i;                                                           \
            c += ((float)pairs[2][pixel].far - c) * i;                                                           \
            d += ((float)pairs[3][pixel].far - d) * i;                                                           \
            a += (b - a) * j;                                                                                    \
            c += (d - c) * j;                                                                                    \
            strip->value[pixel] = a + (c - a) * k;                                                               \
        }                                                                                                        \
    }

/* The same where there is padding: the nearer of two stands alone where one of them is none. */
static inline float between(float near, float far, float share)
{
    const float mixed = near + (far - near) * share;
    return mixed == mixed ? mixed : share <= 0.5f ? near : far;
}

#define PADDED_SAMPLER(NAME, TYPE)                                                                               \
    WIDE static void NAME##_padded(const Task *task, const void *stored, int count, Strip *strip)                \
    {                                                                                                            \
        const Py_ssize_t deep = task->step[0], down = task->step[1];                                             \
        const float low = task->low, high = task->high;                                                          \
        for (int pixel = 0; pixel < count; pixel++) {                                                            \
            const TYPE *corner = (const TYPE *)stored + strip->at[pixel];                                        \
            const TYPE *corners[4] = {corner, corner + down, corner + deep, corner + deep + down};               \
            float row[4];                                                                                        \
            for (int each = 0; each < 4; each++) {                                                               \
                float near = (float)corners[each][0], far = (float)corners[each][1];                             \
                near = near >= low && near <= high ? (float)NAN : near;                                          \
                far = far >= low && far <= high ? (float)NAN : far;                                              \
                row[each] = between(near, far, strip->share[2][pixel]);                                          \
            }                                                                                                    \
            const float j = strip->share[1][pixel];                                                              \
            strip->value[pixel] = between(between(row[0], row[1], j), between(row[2], row[3], j),                \
                                          strip->share[0][pixel]);                                               \
        }                                                                                                        \
    }

SAMPLER(int16, int16_t)
PADDED_SAMPLER(int16, int16_t)
SAMPLER(uint16, uint16_t)
PADDED_SAMPLER(uint16, uint16_t)
SAMPLER(uint8, uint8_t)
PADDED_SAMPLER(uint8, uint8_t)
SAMPLER(float32, float)
PADDED_SAMPLER(float32, float)

typedef void (*Sampler)(const Task *, const void *, int, Strip *);

/* NaN is no sample: fmax and fmin, as numpy has them. */
WIDE static void pile_up(const Task *task, const Strip *strip, Py_ssize_t first, int count, Pile *pile)
{
    const float *value = strip->value;
    if (task->projection == MEAN) {
        for (int pixel = 0; pixel < count; pixel++) {
            const int is_sample = value[pixel] == value[pixel];
            pile->sums[first + pixel] += is_sample ? (double)value[pixel] : 0;
            pile->counts[first + pixel] += is_sample;
        }
        return;
    }
    float *most = pile->values + first;
    if (task->projection == MAXIMUM)
        for (int pixel = 0; pixel < count; pixel++)
            most[pixel] = (value[pixel] > most[pixel]) | (most[pixel] != most[pixel]) ? value[pixel] : most[pixel];
    else
        for (int pixel = 0; pixel < count; pixel++)
            most[pixel] = (value[pixel] < most[pixel]) | (most[pixel] != most[pixel]) ? value[pixel] : most[pixel];
}

static void finish_row(const Task *task, const Pile *pile, float *out)
{
    for (Py_ssize_t column = 0; column < task->columns; column++)
        out[column] = task->projection != MEAN ? pile->values[column]
                      : pile->counts[column]   ? (float)(pile->sums[column] / pile->counts[column])
                                               : (float)NAN;
}

static void empty_pile(const Task *task, Pile *pile)
{
    if (task->projection == MEAN) {
        memset(pile->sums, 0, (size_t)task->columns * sizeof *pile->sums);
        memset(pile->counts, 0, (size_t)task->columns * sizeof *pile->counts);
        return;
    }
    for (Py_ssize_t column = 0; column < task->columns; column++)
        pile->values[column] = (float)NAN;
}

static void sample_row(const Task *task, Sampler sampler, const void *stored, const Py_buffer *origins,
                       Py_ssize_t row, Pile *pile, Strip *strip)
{
    const double *origin = origins->buf;
    for (Py_ssize_t plane = 0; plane < origins->shape[0]; plane++, origin += 3) {
        double start[3];
        Split from[3];
        Py_ssize_t first, stop;
        for (int axis = 0; axis < 3; axis++) {
            start[axis] = origin[axis] + (double)row * task->per_row[axis];
            from[axis] = split(start[axis], 0);
        }
        columns_inside(task, start, &first, &stop);
        for (; first < stop; first += STRIP) {
            const int count = stop - first < STRIP ? (int)(stop - first) : STRIP;
            locate(task, from, first, count, strip);
            sampler(task, stored, count, strip);
            pile_up(task, strip, first, count, pile);
        }
    }
}

/* Room for the indices of columns, and these; NULL if there is none. */
WIDE static void *split_columns(Task *task)
{
    const size_t columns = (size_t)task->columns;
    uint64_t *room = calloc(columns + 1, sizeof(uint64_t) + 3 * (sizeof(int32_t) + sizeof(float)));
    task->places = room;
    for (size_t axis = 0; axis < 3 && room != NULL; axis++) {
        task->wholes[axis] = (int32_t *)(room + columns) + axis * columns;
        task->shares[axis] = (float *)(room + columns) + (3 + axis) * columns;
        for (size_t column = 0; column < columns; column++) {
            const Split one = split((double)column * task->per_column[axis], 1);
            task->wholes[axis][column] = one.whole;
            task->shares[axis][column] = one.share;
            task->places[column] += (uint64_t)(int64_t)one.whole * (uint64_t)task->step[axis];
        }
    }
    return room;
}

static int sample_rows(Task *task, Sampler sampler, const void *stored, const Py_buffer *origins,
                       Py_ssize_t first_row, const Py_buffer *out)
{
    const size_t columns = (size_t)task->columns;
    Strip *strip = malloc(sizeof *strip);
    void *room = split_columns(task);
    Pile pile = {NULL, malloc(columns * sizeof(double)), malloc(columns * sizeof(int32_t))};
    const int is_ready = strip != NULL && room != NULL && pile.sums != NULL && pile.counts != NULL;
    float *line = out->buf;
    for (Py_ssize_t row = 0; is_ready && row < out->shape[0]; row++, line += columns) {
        pile.values = line;
        empty_pile(task, &pile);
        sample_row(task, sampler, stored, origins, first_row + row, &pile, strip);
        finish_row(task, &pile, line);
    }
    free(strip);
    free(room);
    free(pile.sums);
    free(pile.counts);
    return is_ready;
}

static Sampler sampler_of(const char *format, int is_padded)
{
    static const struct {
        const char *format;
        Sampler plain, padded;
    } samplers[] = {{"h", int16_strip, int16_padded},
                    {"H", uint16_strip, uint16_padded},
                    {"B", uint8_strip, uint8_padded},
                    {"f", float32_strip, float32_padded}};
    for (size_t each = 0; format != NULL && each < sizeof samplers / sizeof *samplers; each++)
        if (strcmp(format, samplers[each].format) == 0)
            return is_padded ? samplers[each].padded : samplers[each].plain;
    return NULL;
}

/* Whether values lie where the machine reads them at once: vectors of them must. */
static int is_aligned(const Py_buffer *view)
{
    return (uintptr_t)view->buf % (size_t)view->itemsize == 0;
}

static int is_readable(const Py_buffer *stored, const Py_buffer *origins, const Py_buffer *steps,
                       const Py_buffer *out, Py_ssize_t first_row, int projection)
{
    int is_sound = stored->ndim == 3 && origins->ndim == 2 && steps->ndim == 2 && out->ndim == 2 &&
                   sampler_of(stored->format, 0) != NULL && projection >= MAXIMUM && projection <= MEAN;
    is_sound = is_sound && strcmp(origins->format, "d") == 0 && strcmp(steps->format, "d") == 0 &&
               strcmp(out->format, "f") == 0;
    is_sound = is_sound && first_row >= 0 && first_row <= PY_SSIZE_T_MAX - out->shape[0] && is_aligned(stored) &&
               is_aligned(origins) && is_aligned(steps) && is_aligned(out);
    is_sound = is_sound && origins->shape[1] == 3 && steps->shape[0] == 2 && steps->shape[1] == 3;
    for (int axis = 0; is_sound && axis < 3; axis++)
        is_sound = stored->shape[axis] > (axis == 2) && stored->shape[axis] < LONGEST_AXIS;
    if (is_sound && out->shape[1] < LONGEST_AXIS)
        return 1;
    PyErr_SetString(PyExc_ValueError, "voxels are 3-D, two columns at least; origins and steps float64 [:, 3]; out float32 2-D");
    return 0;
}

static Task task_of(const Py_buffer *stored, const Py_buffer *steps, const Py_buffer *out, int projection, double low,
                    double high)
{
    Task task = {.per_row = steps->buf, .per_column = (const double *)steps->buf + 3, .columns = out->shape[1],
                 .projection = projection, .is_padded = low <= high, .low = (float)low, .high = (float)high};
    Py_ssize_t step = 1;
    for (int axis = 2; axis >= 0; axis--) {
        task.shape[axis] = stored->shape[axis];
        task.step[axis] = stored->shape[axis] > 1 ? step : 0;
        step *= stored->shape[axis];
    }
    return task;
}

#define READ (PyBUF_C_CONTIGUOUS | PyBUF_FORMAT)

static PyObject *sample(PyObject *module, PyObject *arguments)
{
    PyObject *objects[4], *answer = NULL;
    Py_buffer views[4]; /* stored, origins, steps, out */
    Py_ssize_t first_row;
    int projection, held = 0, is_done = 0;
    double low = 1, high = 0;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "OOOniO|dd:sample", &objects[0], &objects[1], &objects[2], &first_row,
                          &projection, &objects[3], &low, &high))
        return NULL;
    while (held < 4 && PyObject_GetBuffer(objects[held], &views[held], held == 3 ? READ | PyBUF_WRITABLE : READ) == 0)
        held++;
    if (held == 4 && is_readable(&views[0], &views[1], &views[2], &views[3], first_row, projection)) {
        Task task = task_of(&views[0], &views[2], &views[3], projection, low, high);
        const Sampler sampler = sampler_of(views[0].format, task.is_padded);
        Py_BEGIN_ALLOW_THREADS
        is_done = sample_rows(&task, sampler, views[0].buf, &views[1], first_row, &views[3]);
        Py_END_ALLOW_THREADS
        answer = is_done ? Py_NewRef(Py_None) : PyErr_NoMemory();
    }
    while (held > 0)
        PyBuffer_Release(&views[--held]);
    return answer;
}

static PyMethodDef methods[] = {
    {"sample", sample, METH_VARARGS,
     "sample(stored, origins, steps, first_row, projection, out[, low, high]): rows of a slab, trilinear, NaN outside;"
     " voxels from low to high are padding."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {{0, NULL}};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_reslice", "The compiled loops of planes and slabs.", 0, methods, slots, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__reslice(void)
{
    return PyModuleDef_Init(&definition);
}
