// A GPU adapter in words, and whether it is one at all.

/** Browsers leave out what could tell users apart. */
export type AdapterInfo = Partial<
  Pick<GPUAdapterInfo, 'vendor' | 'architecture' | 'device' | 'description' | 'isFallbackAdapter'>
>;

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|basic render|\bwarp\b/i;

export function isSoftwareName(name: string): boolean {
  return SOFTWARE.test(name);
}

export function isSoftware(info: AdapterInfo): boolean {
  const words = [info.vendor, info.architecture, info.device, info.description].join(' ');
  return info.isFallbackAdapter === true || isSoftwareName(words);
}

// WebGPU spells names as identifiers: nvidia-h200.
const SPELLING = new Map(
  ['NVIDIA', 'AMD', 'RTX', 'GTX', 'RX', 'UHD', 'HD', 'GeForce', 'SwiftShader', 'llvmpipe', 'LLVM'].map((word) => [
    word.toLowerCase(),
    word,
  ]),
);

export function nameOf(info: AdapterInfo): string {
  // Deno gives the numbers of the PCI bus, and the name in the description.
  if (/^\d+$/.test(info.vendor ?? '') && info.description) return info.description;
  const identifier = info.device || [info.vendor, info.architecture].filter(Boolean).join('-');
  const words = identifier.split(/[-\s]+/).filter(Boolean);
  return words.map(spell).join(' ') || info.description || 'GPU';
}

function spell(word: string): string {
  const known = SPELLING.get(word.toLowerCase());
  if (known) return known;
  return /\d/.test(word) ? word.toUpperCase() : word[0]!.toUpperCase() + word.slice(1);
}
