/** `npm run bench:trace`: the command of trace-command.ts on this process's arguments and streams. */
import { traceCommand } from './trace-command.js';

const { exitCode, out, err } = await traceCommand(process.argv.slice(2));
process.stdout.write(out);
process.stderr.write(err);
process.exitCode = exitCode;
