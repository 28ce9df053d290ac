/** Entry point of a worker thread: tinypool calls `runTask` with each order. */
export { runTask } from '../sweep/run-task.js';
