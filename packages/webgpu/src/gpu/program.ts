// A compute shader, and its pipeline on each device.

/** Scalars alone, so that a struct of them lies in memory as they are listed. */
export type UniformType = 'u32' | 'i32' | 'f32';

export interface Binding {
  access: 'read' | 'read_write';
  /** Element of the array. Default f32. */
  element?: string;
}

export interface Program {
  /** Names the operation, in timings and errors. */
  name: string;
  /** What tells programs of one name apart, such as 'relu'. Equal name and variant must mean equal code. */
  variant?: string;
  /** Variables of the shader in the order of their bindings: `var<storage> x: array<f32>`. */
  bindings: Readonly<Record<string, Binding | 'read' | 'read_write'>>;
  /** Members of `uniforms`. */
  uniforms?: Readonly<Record<string, UniformType>>;
  /** Extensions of WGSL: 'f16', 'subgroups', 'chromium_experimental_subgroup_matrix'. */
  enable?: readonly string[];
  /** Declarations and `fn main`, with its attributes. */
  code(): string;
}

const pipelines = new WeakMap<GPUDevice, Map<string, GPUComputePipeline>>();

/** Compiled on first use. */
export function pipelineOf(device: GPUDevice, program: Program): GPUComputePipeline {
  let ofDevice = pipelines.get(device);
  if (!ofDevice) {
    ofDevice = new Map();
    pipelines.set(device, ofDevice);
  }
  const label = program.variant ? `${program.name} ${program.variant}` : program.name;
  let pipeline = ofDevice.get(label);
  if (!pipeline) {
    const module = device.createShaderModule({ label, code: sourceOf(program) });
    pipeline = device.createComputePipeline({ label, layout: 'auto', compute: { module, entryPoint: 'main' } });
    ofDevice.set(label, pipeline);
  }
  return pipeline;
}

/** The whole shader: what it needs, its bindings and uniforms, and its own code. */
export function sourceOf({ bindings, uniforms, enable = [], code }: Program): string {
  const names = Object.keys(bindings);
  const lines = enable.map((extension) => `enable ${extension};`);
  for (const [i, name] of names.entries()) {
    const binding = bindings[name]!;
    const { access, element = 'f32' } = typeof binding === 'string' ? { access: binding } : binding;
    lines.push(`@group(0) @binding(${i}) var<storage, ${access}> ${name}: array<${element}>;`);
  }
  if (uniforms) {
    const members = Object.entries(uniforms).map(([name, type]) => `  ${name}: ${type},`);
    lines.push('struct Uniforms {', ...members, '}');
    lines.push(`@group(0) @binding(${names.length}) var<uniform> uniforms: Uniforms;`);
  }
  return [...lines, code()].join('\n');
}

/** The bytes of a program's uniforms; a missing one is an error of the caller's. */
export function uniformBytes(program: Program, values: Readonly<Record<string, number>>): ArrayBuffer {
  const members = Object.entries(program.uniforms ?? {});
  const view = new DataView(new ArrayBuffer(4 * members.length));
  for (const [i, [name, type]] of members.entries()) {
    const value = values[name];
    if (value === undefined) throw new Error(`${program.name}: uniform ${name} is missing`);
    if (type === 'f32') view.setFloat32(4 * i, value, true);
    else if (type === 'i32') view.setInt32(4 * i, value, true);
    else view.setUint32(4 * i, value, true);
  }
  return view.buffer;
}
