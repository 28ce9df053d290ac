/**
 * What works for long, told of Ctrl-C and of a polite end instead of being ended by them.
 *
 * Invariant: heard once, and only while it works; a second signal ends the process by the system's own
 * hand. Trade-off: a signal is heard when the event loop gets a turn, so work must pause now and then.
 */
export async function hearingSignals<T>(onSignal: () => void, work: () => Promise<T>): Promise<T> {
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  try {
    return await work();
  } finally {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}
