/**
 * Makes a sandboxed process end when the worker that started it was killed.
 *
 * A task keeps the event loop busy, so the process learns of the closed channel only when it reports its
 * result: the message fails, BullMQ answers the failure with another message, and so for ever, before
 * any event is heard (seen: a core and 4 GB an hour later). Invariant: no sandbox outlives its worker
 * by more than its task. Trade-off: a rejection that nobody handles ends the process too; its task
 * then goes to another worker, as after any death.
 */
export function endWithWorker(): void {
  process.once('disconnect', () => process.exit());
  process.once('unhandledRejection', () => process.exit(1));
}
