// The kernels of the engine for GPUs. One source for every GPU (NVRTC), and for the host, where the tests run it.
//
// An aggregate kernel gets a table of Work, one entry for each piece of work: a block of rows, the cells that a picture
// shows of it, and the planes to add to. The grid is tiles of rows by entries, so one launch serves all work that waits.
// `placed` in card/columns.py and `Work` in card/batch.py say the same layouts in Python.
//
// A thread takes RUN rows that lie side by side and adds to a plane only when the cell changes: rows in the order of
// an index share cells with their neighbours, and an atomic for each row is what an unsorted table costs. Columns are
// padded to whole runs with rows that lie in no cell. Compiled without fused multiply-add: a rounding more or less moves
// a row to another cell than Datashader's.

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef long long i64;

const int RUN = 16;
const int TILE = 256 * RUN;
const int NO_CELL = -2147483647 - 1;
const double MOST = 1.0715086071862673e301;  // 2^1000: from here on the lattice has no cells

// How an axis finds its cell.
const int FLAT = 0;     // there is one cell
const int LATTICE = 1;  // int32 lattice integers, made at placement: a shift
const int CELLS_F32 = 2, CELLS_F64 = 3;  // the numbers themselves, where lattice integers are too coarse
const int VIEW_F32 = 4, VIEW_F64 = 5;    // a free viewport, by Datashader's own float64 formula

struct Span {
  int least, greatest;
};

struct Axis {
  const void *at;
  const Span *zones;      // LATTICE: least and greatest of each tile of rows; least > greatest when there is none
  i64 low;                // LATTICE: the lattice integer at which the first cell begins
  double scale;           // CELLS, VIEW: cells a unit
  double translate;       // CELLS: the first cell. VIEW: what is added
  double least, greatest; // VIEW: closed range
  double lift;            // CELLS, VIEW: what a number is multiplied by first, so that no scale overflows
  int cells, shift, kind, unused;
};

struct Work {
  Axis x, y;
  const void *values;
  const u8 *valid;  // 1 where an integer value is one; null: everywhere
  const int *codes;    // of categories; null: there are none
  const i64 *numbers;  // the rows' places in the file, or u64 orders on x; null: they do not matter
  void *counts, *valids, *found;
  u64 *pivots;
  double *squares;
  i64 rows;         // whole runs
  u64 flip;         // all ones: the least or the first is looked for, as the greatest of the complements
  int planes, other, is_wide, unused;
};

// ---- where a row lies

// The exact floor of x·2^-e: the product of a power of two is exact, but for numbers so small that it is zero.
__device__ __forceinline__ double floor_cell(double x, double per_unit) {
  double place = floor(x * per_unit);
  return x < 0.0 && place == 0.0 ? -1.0 : place;
}

__device__ __forceinline__ bool has_place(double x) { return -MOST <= x && x < MOST; }

__device__ __forceinline__ int lattice_cell(const Axis &axis, int q) {
  i64 cell = ((i64)q - axis.low) >> axis.shift;
  return q != NO_CELL && cell >= 0 && cell < axis.cells ? (int)cell : -1;
}

__device__ __forceinline__ int exact_cell(const Axis &axis, double x) {
  double cell = floor_cell(x * axis.lift, axis.scale) - axis.translate;
  return has_place(x) && cell >= 0.0 && cell < (double)axis.cells ? (int)cell : -1;
}

__device__ __forceinline__ int view_cell(const Axis &axis, double x) {
  if (!(axis.least <= x && x <= axis.greatest) || !has_place(x)) return -1;
  double cell = (x * axis.lift) * axis.scale + axis.translate;
  // Rows on the upper edge belong to the last cell.
  return cell >= (double)axis.cells ? axis.cells - 1 : cell < 0.0 ? 0 : (int)cell;
}

__device__ __forceinline__ int cell_of(const Axis &axis, i64 row) {
  switch (axis.kind) {
    case FLAT: return 0;
    case LATTICE: return lattice_cell(axis, ((const int *)axis.at)[row]);
    case CELLS_F32: return exact_cell(axis, ((const float *)axis.at)[row]);
    case CELLS_F64: return exact_cell(axis, ((const double *)axis.at)[row]);
    case VIEW_F32: return view_cell(axis, ((const float *)axis.at)[row]);
    case VIEW_F64: return view_cell(axis, ((const double *)axis.at)[row]);
  }
  return -1;
}

// Whether no row of a tile can lie in the region, by the tile's least and greatest.
__device__ __forceinline__ bool misses(const Axis &axis, int tile) {
  if (axis.kind != LATTICE) return false;
  Span zone = axis.zones[tile];
  i64 end = axis.low + ((i64)axis.cells << axis.shift);
  return zone.least > zone.greatest || zone.greatest < axis.low || zone.least >= end;
}

// ---- what values are

__device__ __forceinline__ u32 float_key(float value) {
  u32 bits = __float_as_uint(value);
  return bits ^ (bits >> 31 ? 0xffffffffu : 0x80000000u);
}

__device__ __forceinline__ u64 double_key(double value) {
  u64 bits = (u64)__double_as_longlong(value);
  return bits ^ (bits >> 63 ? 0xffffffffffffffffull : 0x8000000000000000ull);
}

// Each: the stored type, whether it is a finite value, an unsigned number in the same order, and the number itself.
struct F32 {
  typedef float Type;
  typedef u32 Key;
  static __device__ __forceinline__ bool has(float value) { return value - value == 0.0f; }
  static __device__ __forceinline__ u32 key(float value) { return float_key(value); }
};
struct F64 {
  typedef double Type;
  typedef u64 Key;
  static __device__ __forceinline__ bool has(double value) { return value - value == 0.0; }
  static __device__ __forceinline__ u64 key(double value) { return double_key(value); }
};
struct I32 {
  typedef int Type;
  typedef u32 Key;
  static __device__ __forceinline__ bool has(int) { return true; }
  static __device__ __forceinline__ u32 key(int value) { return (u32)value ^ 0x80000000u; }
};
struct I64 {
  typedef i64 Type;
  typedef u64 Key;
  static __device__ __forceinline__ bool has(i64) { return true; }
  static __device__ __forceinline__ u64 key(i64 value) { return (u64)value ^ 0x8000000000000000ull; }
};
struct U64 {
  typedef u64 Type;
  typedef u64 Key;
  static __device__ __forceinline__ bool has(u64) { return true; }
  static __device__ __forceinline__ u64 key(u64 value) { return value; }
};

// The sum of a run. Whole numbers of 32 bits add up exactly, float64 and longer numbers as float64.
template <class Value> struct Sum {
  double sum;
  __device__ __forceinline__ void clear() { sum = 0.0; }
  __device__ __forceinline__ void add(typename Value::Type value, double *) { sum += (double)value; }
  __device__ __forceinline__ double total() const { return sum; }
};
template <> struct Sum<I32> {
  i64 sum;
  __device__ __forceinline__ void clear() { sum = 0; }
  __device__ __forceinline__ void add(int value, double *) { sum += value; }
  __device__ __forceinline__ double total() const { return (double)sum; }
};
// Two float32, the second of which takes what the first cannot hold (Knuth's two-sum): no float64 but at the end.
template <> struct Sum<F32> {
  float high, low;
  __device__ __forceinline__ void clear() { high = low = 0.0f; }
  __device__ __forceinline__ void add(float value, double *direct) {
    if (!(fabsf(value) < 1e30f)) {
      // A run of such numbers would not fit.
      atomicAdd(direct, (double)value);
      return;
    }
    float sum = high + value;
    float part = sum - high;
    low += (high - (sum - part)) + (value - part);
    high = sum;
  }
  __device__ __forceinline__ double total() const { return (double)high + (double)low; }
};

// ---- what a run adds to

__device__ __forceinline__ void add_rows(const Work &work, void *plane, int slot, u32 rows) {
  if (work.is_wide) atomicAdd((u64 *)plane + slot, (u64)rows);
  else atomicAdd((u32 *)plane + slot, rows);
}

// One plane after another; greater codes go to the last with `other`, else to none.
__device__ __forceinline__ int slot_of_code(const Work &work, i64 row, int cell) {
  int code = work.codes[row];
  if (work.other && code >= work.planes) code = work.planes - 1;
  return code >= 0 && code < work.planes ? code * (work.x.cells * work.y.cells) + cell : -1;
}

struct Count {
  u32 rows;
  __device__ __forceinline__ int slot(const Work &, i64, int cell) const { return cell; }
  __device__ __forceinline__ void begin() { rows = 0; }
  __device__ __forceinline__ void add(const Work &, i64, int) { ++rows; }
  __device__ __forceinline__ void end(const Work &work, int slot) { add_rows(work, work.counts, slot, rows); }
};

struct Categories : Count {
  __device__ __forceinline__ int slot(const Work &work, i64 row, int cell) const { return slot_of_code(work, row, cell); }
};

// What every aggregate of values counts: rows, and rows with a value.
template <class Value> struct Valued {
  u32 rows, valid;
  __device__ __forceinline__ int slot(const Work &work, i64 row, int cell) const {
    return work.codes ? slot_of_code(work, row, cell) : cell;
  }
  __device__ __forceinline__ void none() { rows = valid = 0; }
  // The row's value, when it has one.
  __device__ __forceinline__ bool take(const Work &work, i64 row, typename Value::Type &value) {
    ++rows;
    value = ((const typename Value::Type *)work.values)[row];
    bool has = Value::has(value) && (!work.valid || work.valid[row]);
    valid += has;
    return has;
  }
  __device__ __forceinline__ void put(const Work &work, int slot) {
    add_rows(work, work.counts, slot, rows);
    if (valid) add_rows(work, work.valids, slot, valid);
  }
};

template <class Value> struct Total : Valued<Value> {
  Sum<Value> sum;
  __device__ __forceinline__ void begin() {
    this->none();
    sum.clear();
  }
  __device__ __forceinline__ void add(const Work &work, i64 row, int slot) {
    typename Value::Type value;
    if (this->take(work, row, value)) sum.add(value, (double *)work.found + slot);
  }
  __device__ __forceinline__ void end(const Work &work, int slot) {
    this->put(work, slot);
    if (this->valid) atomicAdd((double *)work.found + slot, sum.total());
  }
};

// Whole numbers whose sums stay within int64: exact.
template <class Value> struct WholeTotal : Valued<Value> {
  i64 sum;
  __device__ __forceinline__ void begin() {
    this->none();
    sum = 0;
  }
  __device__ __forceinline__ void add(const Work &work, i64 row, int) {
    typename Value::Type value;
    if (this->take(work, row, value)) sum += (i64)value;
  }
  __device__ __forceinline__ void end(const Work &work, int slot) {
    this->put(work, slot);
    if (this->valid) atomicAdd((u64 *)work.found + slot, (u64)sum);
  }
};

// The greatest key; a plane that nothing was added to holds 0.
template <class Value> struct Extreme : Valued<Value> {
  typedef typename Value::Key Key;
  Key best;
  __device__ __forceinline__ void begin() {
    this->none();
    best = 0;
  }
  __device__ __forceinline__ void add(const Work &work, i64 row, int) {
    typename Value::Type value;
    if (!this->take(work, row, value)) return;
    Key key = Value::key(value) ^ (Key)work.flip;
    best = key > best ? key : best;
  }
  __device__ __forceinline__ void end(const Work &work, int slot) {
    this->put(work, slot);
    if (this->valid) atomicMax((Key *)work.found + slot, best);
  }
};

// Which row of a cell comes last in the file, or first: the greatest key of a row number, kept in `pivots`.
__device__ __forceinline__ u64 number_key(const Work &work, i64 row) { return (u64)work.numbers[row] ^ work.flip; }

template <class Value> struct Outermost : Valued<Value> {
  u64 best;
  __device__ __forceinline__ void begin() {
    this->none();
    best = 0;
  }
  __device__ __forceinline__ void add(const Work &work, i64 row, int) {
    typename Value::Type value;
    if (!this->take(work, row, value)) return;
    u64 key = number_key(work, row);
    best = key > best ? key : best;
  }
  __device__ __forceinline__ void end(const Work &work, int slot) {
    this->put(work, slot);
    if (this->valid) atomicMax(work.pivots + slot, best);
  }
};

// After Outermost of the same rows: the value of that row. Row numbers differ, so one thread writes to a cell.
template <class Value> struct Chosen : Valued<Value> {
  __device__ __forceinline__ void begin() { this->none(); }
  __device__ __forceinline__ void add(const Work &work, i64 row, int slot) {
    typename Value::Type value;
    if (!this->take(work, row, value) || work.pivots[slot] != number_key(work, row)) return;
    ((typename Value::Type *)work.found)[slot] = value;
  }
  __device__ __forceinline__ void end(const Work &, int) {}
};

// Which rows of a cell lie outermost on x, with a value or not: the greatest order, kept in `pivots`.
template <class Value> struct Foremost : Valued<Value> {
  u64 best;
  __device__ __forceinline__ void begin() {
    this->none();
    best = 0;
  }
  __device__ __forceinline__ void add(const Work &work, i64 row, int) {
    typename Value::Type value;
    this->take(work, row, value);
    u64 order = (u64)work.numbers[row];
    best = order > best ? order : best;
  }
  __device__ __forceinline__ void end(const Work &work, int slot) {
    this->put(work, slot);
    // What an earlier launch has found is no longer outermost.
    if (atomicMax(work.pivots + slot, best) < best) ((u64 *)work.found)[slot] = 0;
  }
};

// After Foremost of the same rows: the greatest key of their values as float64. 0: none has a value.
template <class Value> struct Picked : Valued<Value> {
  __device__ __forceinline__ void begin() { this->none(); }
  __device__ __forceinline__ void add(const Work &work, i64 row, int slot) {
    typename Value::Type value;
    if (!this->take(work, row, value) || work.pivots[slot] != (u64)work.numbers[row]) return;
    atomicMax((u64 *)work.found + slot, double_key((double)value) ^ work.flip);
  }
  __device__ __forceinline__ void end(const Work &, int) {}
};

// The number that a cell's differences are taken from: the mean of one of its runs, whichever came first. No bits: none
// yet, so zero is kept as minus zero.
__device__ __forceinline__ double pivot_of(u64 *at, double mean) {
  u64 seen = *at;
  if (seen == 0) seen = atomicCAS(at, 0ull, (u64)__double_as_longlong(mean == 0.0 ? -0.0 : mean));
  return seen == 0 ? mean : __longlong_as_double((i64)seen);
}

// The squares of a run about its own mean, and how far that mean lies from the cell's pivot: so rounding never sees the
// distance of a lone value squared for every other row (Chan, Golub and LeVeque's way to join groups).
template <class Value> struct Squares : Valued<Value> {
  double first, sum, squares;
  __device__ __forceinline__ void begin() {
    this->none();
    sum = squares = 0.0;
  }
  __device__ __forceinline__ void add(const Work &work, i64 row, int) {
    typename Value::Type value;
    if (!this->take(work, row, value)) return;
    if (this->valid == 1) first = (double)value;
    double difference = (double)value - first;
    sum += difference;
    squares += difference * difference;
  }
  __device__ __forceinline__ void end(const Work &work, int slot) {
    this->put(work, slot);
    if (!this->valid) return;
    double values = (double)this->valid, mean = sum / values;
    double own = squares - sum * mean;
    double away = first - pivot_of(work.pivots + slot, first + mean) + mean;
    atomicAdd((double *)work.found + slot, values * away);
    atomicAdd(work.squares + slot, (own < 0.0 ? 0.0 : own) + values * away * away);
  }
};

// ---- rows, run by run

template <class Sink> struct Run {
  Sink sink;
  int slot;
  __device__ __forceinline__ void take(const Work &work, i64 row, int x, int y) {
    int next = (x | y) < 0 ? -1 : sink.slot(work, row, y * work.x.cells + x);
    if (next != slot) {
      end(work);
      slot = next;
      sink.begin();
    }
    if (next >= 0) sink.add(work, row, next);
  }
  __device__ __forceinline__ void end(const Work &work) {
    if (slot >= 0) sink.end(work, slot);
  }
};

// Both axes on the lattice: sixteen bytes a load, no float64.
template <class Sink> __device__ __forceinline__ void lattice_run(const Work &work, Run<Sink> &run, i64 first) {
  const int4 *xs = (const int4 *)((const int *)work.x.at + first);
  const int4 *ys = (const int4 *)((const int *)work.y.at + first);
#pragma unroll
  for (int part = 0; part < RUN / 4; ++part) {
    int4 x = xs[part], y = ys[part];
    i64 row = first + part * 4;
    run.take(work, row, lattice_cell(work.x, x.x), lattice_cell(work.y, y.x));
    run.take(work, row + 1, lattice_cell(work.x, x.y), lattice_cell(work.y, y.y));
    run.take(work, row + 2, lattice_cell(work.x, x.z), lattice_cell(work.y, y.z));
    run.take(work, row + 3, lattice_cell(work.x, x.w), lattice_cell(work.y, y.w));
  }
}

template <class Sink> __device__ __forceinline__ void gather(const Work *table) {
  const Work &work = table[blockIdx.y];
  int tile = (int)blockIdx.x;
  i64 first = (i64)tile * TILE + (i64)threadIdx.x * RUN;
  if (first >= work.rows || misses(work.x, tile) || misses(work.y, tile)) return;
  Run<Sink> run;
  run.slot = -1;
  if (work.x.kind == LATTICE && work.y.kind == LATTICE) {
    lattice_run(work, run, first);
  } else {
    for (i64 row = first; row < first + RUN; ++row) run.take(work, row, cell_of(work.x, row), cell_of(work.y, row));
  }
  run.end(work);
}

#define AGGREGATE(name, ...) \
  extern "C" __global__ void name(const Work *table) { gather<__VA_ARGS__>(table); }
#define OF_VALUES(name, Sink)   \
  AGGREGATE(name##_f32, Sink<F32>) \
  AGGREGATE(name##_f64, Sink<F64>) \
  AGGREGATE(name##_i32, Sink<I32>) \
  AGGREGATE(name##_i64, Sink<I64>) \
  AGGREGATE(name##_u64, Sink<U64>)

#define OF_WHOLE_VALUES(name, Sink) \
  AGGREGATE(name##_i32, Sink<I32>)     \
  AGGREGATE(name##_i64, Sink<I64>)     \
  AGGREGATE(name##_u64, Sink<U64>)

AGGREGATE(count, Count)
AGGREGATE(categories, Categories)
OF_VALUES(total, Total)
OF_WHOLE_VALUES(whole, WholeTotal)
OF_VALUES(extreme, Extreme)
OF_VALUES(squares, Squares)
OF_VALUES(outermost, Outermost)
OF_VALUES(chosen, Chosen)
OF_VALUES(foremost, Foremost)
OF_VALUES(picked, Picked)

// ---- placement: numbers become lattice integers, once

struct Column {
  const void *from;
  int *lattice;
  Span *zones;
  u64 *bounds;  // greatest key, and greatest complement of a key, of the numbers with a place; 0: there is none
  i64 rows;     // whole runs
  double per_unit;
  i64 base;
};

template <class Type> __device__ __forceinline__ void find_bounds(const Column *table) {
  const Column &column = table[blockIdx.y];
  i64 first = (i64)blockIdx.x * TILE + (i64)threadIdx.x * RUN;
  if (first >= column.rows) return;
  u64 most = 0, least = 0;
  for (i64 row = first; row < first + RUN; ++row) {
    double x = ((const Type *)column.from)[row];
    if (!has_place(x)) continue;
    u64 key = double_key(x);
    most = key > most ? key : most;
    least = ~key > least ? ~key : least;
  }
  if (most == 0) return;
  atomicMax(column.bounds, most);
  atomicMax(column.bounds + 1, least);
}

template <class Type> __device__ __forceinline__ void quantise(const Column *table) {
  const Column &column = table[blockIdx.y];
  i64 first = (i64)blockIdx.x * TILE + (i64)threadIdx.x * RUN;
  if (first >= column.rows) return;
  int least = 2147483647, greatest = NO_CELL;
  for (i64 row = first; row < first + RUN; ++row) {
    double x = ((const Type *)column.from)[row];
    int q = has_place(x) ? (int)((i64)floor_cell(x, column.per_unit) - column.base) : NO_CELL;
    column.lattice[row] = q;
    if (q == NO_CELL) continue;
    least = q < least ? q : least;
    greatest = q > greatest ? q : greatest;
  }
  if (least > greatest) return;
  atomicMin(&column.zones[blockIdx.x].least, least);
  atomicMax(&column.zones[blockIdx.x].greatest, greatest);
}

extern "C" __global__ void bounds_f32(const Column *table) { find_bounds<float>(table); }
extern "C" __global__ void bounds_f64(const Column *table) { find_bounds<double>(table); }
extern "C" __global__ void quantise_f32(const Column *table) { quantise<float>(table); }
extern "C" __global__ void quantise_f64(const Column *table) { quantise<double>(table); }
