/**
 * A placement policy of one's own: large asks fill the fleet from its front, small ones from its back.
 *
 * So the front keeps whole nodes for what is large. A policy is one file whose default export is a
 * policy or, as here, a function that makes one, called once for each run.
 */
const LARGE_VCPUS = 8;

/** @returns {import('hypercarve').FleetPolicy} */
// biome-ignore lint/style/noDefaultExport: a fleet file names the module, not the export
export default function largeFromTheFront() {
  return {
    name: 'large-from-the-front',
    propose(view, ask) {
      for (let i = 0; i < view.hosts; i++) {
        const host = ask.vcpus >= LARGE_VCPUS ? i : view.hosts - 1 - i;
        if (view.closed[host] === 1) continue;
        const base = view.firstNode[host];
        for (let place = base; place < view.firstNode[host + 1]; place++) {
          if (view.freeThreads[place] < ask.vcpus || view.freeMib[place] < ask.memoryMib) continue;
          return { host, nodes: [place - base] };
        }
      }
      return undefined;
    },
  };
}
