// Decompression, by whatever the platform brings.

export type Bytes = Uint8Array<ArrayBuffer>;
export type Chunks = AsyncIterable<Bytes>;

export type Inflate = (format: 'gzip' | 'deflate', chunks: AsyncIterable<Bytes> | Iterable<Bytes>) => Chunks;

/** What browsers have. In Node 20 it works as well, but holds on to all that it has inflated for too long. */
export const webInflate: Inflate = (format, chunks) =>
  chunksOf(streamOf(chunks).pipeThrough(new DecompressionStream(format)));

/** An iterable as a stream; one that is not read to its end is told so. */
export function streamOf(chunks: AsyncIterable<Bytes> | Iterable<Bytes>): ReadableStream<Bytes> {
  const iterator = Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await iterator.return?.();
    },
  });
}

/** A stream as an iterable: not every browser can iterate over one itself. */
export async function* chunksOf(stream: ReadableStream<Bytes>): AsyncGenerator<Bytes, void, undefined> {
  const reader = stream.getReader();
  try {
    for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) yield value!;
  } finally {
    await reader.cancel().catch(() => {});
  }
}
