// The inner product by ordinary float32 arithmetic: each thread makes its own few rows and columns in registers. With
// subgroups, whose threads then share their rows, each reads a fourth of what they need of A and hears the rest from others.
import { type InnerProduct, type InnerProductOptions, range } from './inner-product.ts';

const COMPONENT = ['x', 'y', 'z', 'w'] as const;

export function threadsProduct({ tile, a, b }: InnerProductOptions, subgroups: boolean): InnerProduct {
  const [ownRows, ownColumns] = tile.own;
  const threadRows = tile.rows / ownRows;
  const threadColumns = tile.columns / ownColumns;
  const quadRows = range(ownRows / 4);
  const quadColumns = range(ownColumns / 4);
  /** Of a thread's rows and columns, each four are together, and the fours of all threads take turns. */
  const rowOf = (i: number) => `${(i >> 2) * threadRows * 4 + (i & 3)}u + threadRow * 4u`;
  const columnOf = (i: number) => `${(i >> 2) * threadColumns * 4 + (i & 3)}u + threadColumn * 4u`;
  const line = (letter: 'A' | 'B', index: string) =>
    `tile${letter}[from${letter} + (${index}) * ${letter === 'A' ? a.stride : b.stride}u`;

  /** Of a buffer, its first vector. */
  const first = (letter: 'A' | 'B', buffer: string) => `${buffer} * ${(letter === 'A' ? a : b).size}u`;

  /** Quads of A that a thread needs for four steps along the inner axis, by name. */
  const readsA =
    a.contiguous === 'inner'
      ? range(ownRows).map((i) => ({
          name: `a${i}`,
          four: i >> 2,
          member: i & 3,
          at: (m: string) => `${line('A', `${(i >> 2) * threadRows * 4}u + threadRow * 4u + ${m}`)} + q]`,
        }))
      : range(4).flatMap((k) =>
          quadRows.map((i) => ({
            name: `a${k}_${i}`,
            four: i,
            member: k,
            at: (m: string) => `${line('A', `q * 4u + ${m}`)} + ${i * threadRows}u + threadRow]`,
          })),
        );
  const elementA = (i: number, k: number) =>
    a.contiguous === 'inner' ? `a${i}.${COMPONENT[k]}` : `a${k}_${i >> 2}.${COMPONENT[i & 3]}`;
  const getA = subgroups
    ? [
        ...readsA.filter(({ member }) => member === 0).map(({ four, at }) => `let mine${four} = ${at('(lane & 3u)')};`),
        ...readsA.map(({ name, four, member }) => `let ${name} = subgroupBroadcast(mine${four}, ${member}u);`),
      ]
    : readsA.map(({ name, member, at }) => `let ${name} = ${at(`${member}u`)};`);
  const getB =
    b.contiguous === 'inner'
      ? range(ownColumns).map((j) => `let b${j} = ${line('B', columnOf(j))} + q];`)
      : range(4).flatMap((k) =>
          quadColumns.map(
            (j) => `let b${k}_${j} = ${line('B', `q * 4u + ${k}u`)} + ${j * threadColumns}u + threadColumn];`,
          ),
        );
  const quadB = (j: number, k: number) =>
    b.contiguous === 'inner'
      ? `vec4f(${range(4)
          .map((i) => `b${4 * j + i}.${COMPONENT[k]}`)
          .join(', ')})`
      : `b${k}_${j}`;
  const adds = range(4).flatMap((k) => [
    ...quadColumns.map((j) => `let n${k}_${j} = ${quadB(j, k)};`),
    ...range(ownRows).flatMap((i) =>
      quadColumns.map((j) => `c${i}_${j} = fma(vec4f(${elementA(i, k)}), n${k}_${j}, c${i}_${j});`),
    ),
  ]);
  return {
    attributes: '',
    // Where the threads of a subgroup are, only the subgroup itself says.
    parameters: subgroups
      ? ', @builtin(subgroup_id) subgroup: u32, @builtin(subgroup_size) subgroupSize: u32, @builtin(subgroup_invocation_id) lane: u32'
      : ', @builtin(local_invocation_index) thread: u32',
    declarations: /* wgsl */ `
var<workgroup> tileA: array<vec4f, ${a.size * tile.buffers}>;
var<workgroup> tileB: array<vec4f, ${b.size * tile.buffers}>;`,
    begin: subgroups ? 'let thread = subgroup * subgroupSize + lane;' : '',
    accumulators: [
      `let threadRow = thread / ${threadColumns}u;`,
      `let threadColumn = thread % ${threadColumns}u;`,
      ...range(ownRows).flatMap((i) => quadColumns.map((j) => `var c${i}_${j}: vec4f;`)),
    ].join('\n'),
    stored:
      (letter) =>
      ({ buffer, vector }, value) =>
        `tile${letter}[${first(letter, buffer)} + ${vector}] = ${value};`,
    multiply: (buffer) =>
      [
        `let fromA = ${first('A', buffer)};`,
        `let fromB = ${first('B', buffer)};`,
        `for (var q = 0u; q < ${tile.depth / 4}u; q++) {`,
        ...getA,
        ...getB,
        ...adds,
        '}',
      ].join('\n'),
    store: range(ownRows)
      .flatMap((i) =>
        quadColumns.map((j) => `put(firstRow + ${rowOf(i)}, firstColumn + ${columnOf(4 * j)}, c${i}_${j});`),
      )
      .join('\n'),
  };
}
