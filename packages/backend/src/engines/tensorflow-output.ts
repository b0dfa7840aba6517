// What TensorFlow 2.9 prints while it looks for a GPU is the only place where it says why it found none.
import type { BackendReport } from '../types.ts';

const CUDA = 'CUDA 11.2 and cuDNN 8.1';
export const CUDA_MEND = `install the NVIDIA driver, ${CUDA}`;
const DRIVER = /^(libcuda\.so|nvcuda\.dll)/;
/** TensorRT is optional: TensorFlow asks for it and does without. */
const OPTIONAL = /nvinfer/;

export function explainTensorFlow(report: BackendReport, printed: string): BackendReport {
  if (report.ready) {
    const gpu = /device: \d+, name: ([^,]+), pci bus id/.exec(printed)?.[1];
    return gpu ? { ...report, device: report.device?.replace(/^NVIDIA GPU/, gpu) } : report;
  }
  if (report.state !== 'no-gpu') return report;
  const absent = [...printed.matchAll(/Could not load dynamic library '([^']+)'/g)].map((match) => match[1]!);
  if (absent.some((library) => DRIVER.test(library))) {
    return { ...report, reason: 'there is no NVIDIA driver here (no libcuda)', mend: CUDA_MEND };
  }
  const refused = /failed call to cuInit: ([^\n]+)/.exec(printed)?.[1]?.trim();
  if (refused) {
    const mend = 'see that nvidia-smi lists a GPU and that CUDA_VISIBLE_DEVICES does not hide it';
    return { ...report, reason: `the NVIDIA driver offers no GPU: ${refused}`, mend };
  }
  const needed = [...new Set(absent.filter((library) => !OPTIONAL.test(library)))];
  if (needed.length === 0) return report;
  return {
    ...report,
    state: 'no-cuda-libraries',
    reason: `TensorFlow does not find the CUDA libraries ${needed.join(', ')}`,
    mend: `install ${CUDA}, and name their folder in LD_LIBRARY_PATH (on Windows PATH)`,
  };
}
