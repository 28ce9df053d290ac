/**
 * A share of the campaign from what was built, in a process of its own: modules as they are published run
 * it in half the time that the same ones take where the tests transform them.
 *
 * `node dist/test/oracle/built-share.js SPEC` prints the work, both as JSON. Invariant: it judges nothing; a
 * disagreement ends it with exit code 1 and its words on stderr.
 */
import { type CampaignSpec, runShare } from '../kit/oracle/campaign.js';

try {
  const spec: CampaignSpec = JSON.parse(process.argv[2]);
  const work = runShare(spec);
  console.log(JSON.stringify({ ...work, results: [...work.results] }));
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
