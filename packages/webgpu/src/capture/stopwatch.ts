// How long each dispatch takes on the device, by timestamps at both ends of a pass of its own.
import { CaptureError } from '../errors.ts';

export interface DispatchTime {
  /** The program's name. */
  name: string;
  ms: number;
}

/** Queries that a set may have. */
const MOST = 4096;

export class Stopwatch {
  private readonly sets: GPUQuerySet[] = [];
  private readonly names: string[] = [];
  private readonly resolved: GPUBuffer;
  private readonly mappable: GPUBuffer;

  constructor(device: GPUDevice, dispatches: number) {
    if (!device.features.has('timestamp-query')) {
      throw new CaptureError('the device must have timestamp-query to time dispatches', [...device.features]);
    }
    const counts = Array.from({ length: Math.ceil((2 * dispatches) / MOST) }, (_, i) =>
      Math.min(2 * dispatches - i * MOST, MOST),
    );
    this.sets = counts.map((count) => device.createQuerySet({ type: 'timestamp', count }));
    const size = Math.max(16 * dispatches, 16);
    this.resolved = device.createBuffer({ size, usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC });
    this.mappable = device.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  }

  lap(name: string): GPUComputePassDescriptor {
    const at = 2 * (this.names.push(name) - 1);
    const timestampWrites = {
      querySet: this.sets[Math.floor(at / MOST)]!,
      beginningOfPassWriteIndex: at % MOST,
      endOfPassWriteIndex: (at % MOST) + 1,
    };
    return { label: name, timestampWrites };
  }

  resolve(encoder: GPUCommandEncoder): void {
    for (const [i, set] of this.sets.entries()) encoder.resolveQuerySet(set, 0, set.count, this.resolved, 8 * MOST * i);
    encoder.copyBufferToBuffer(this.resolved, 0, this.mappable, 0, this.mappable.size);
  }

  async read(): Promise<DispatchTime[]> {
    await this.mappable.mapAsync(GPUMapMode.READ);
    const times = new BigUint64Array(this.mappable.getMappedRange());
    return this.names.map((name, i) => ({ name, ms: Number(times[2 * i + 1]! - times[2 * i]!) / 1e6 }));
  }

  dispose(): void {
    for (const set of this.sets) set.destroy();
    this.resolved.destroy();
    this.mappable.destroy();
  }
}
