// A lane in a browser: a worker of the page.
import { LANE_PROGRAM, type Lane, type LaneData } from './lane.ts';

/** Like TF.js's own threads, of a text that has an address: a page that forbids these forbids those. */
export function startPageLane(data: LaneData): Lane {
  const program = `onmessage = ({ data }) => ${LANE_PROGRAM}(data, () => postMessage(0));`;
  const address = URL.createObjectURL(new Blob([program], { type: 'text/javascript' }));
  let worker: Worker | undefined;
  const started = new Promise((resolve, reject) => {
    worker = new Worker(address); // throws, or says later that it failed
    worker.onmessage = resolve;
    worker.onerror = (event) => {
      event.preventDefault(); // it is dealt with: the page need not hear of it
      reject(event);
    };
    worker.postMessage(data);
  });
  const forget = () => URL.revokeObjectURL(address);
  started.then(forget, forget);
  return {
    started,
    terminate() {
      worker?.terminate();
      forget(); // it may never have started
    },
  };
}
