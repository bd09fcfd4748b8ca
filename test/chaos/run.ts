// `npm run chaos [-- --seeds 500 --from 1]`: random kills with faults on, and how often what happened.
import { parseArgs } from 'node:util';
import { buildApp } from '../../scripts/build-app.ts';
import { scene, type Scene } from '../support/story.ts';
import { playSeed, type Told } from './random.ts';

/** VMs of one desk: a larger estate makes every look at the vault dearer. */
const SEEDS_PER_DESK = 10;
const DESKS_AT_ONCE = 2;

const { values } = parseArgs({ options: { seeds: { type: 'string', default: '500' }, from: { type: 'string', default: '1' } } });
const first = Number(values.from);
const seeds = Array.from({ length: Number(values.seeds) }, (_, i) => first + i);
const total = seeds.length;
const told: Told[] = [];
const wrong: { seed: number; why: string }[] = [];

async function playSome(world: Scene, some: readonly number[]): Promise<void> {
  for (const [i, seed] of some.entries()) {
    const vm = world.vms[i];
    if (!vm) throw new Error('The estate has a VM for each seed.');
    try {
      told.push(await playSeed(world, seed, vm));
    } catch (error) {
      wrong.push({ seed, why: error instanceof Error ? error.message : String(error) });
    }
    process.stdout.write(`\r${told.length + wrong.length} of ${total} seeds, ${wrong.length} wrong`);
  }
}

async function worker(): Promise<void> {
  for (let some = seeds.splice(0, SEEDS_PER_DESK); some.length > 0; some = seeds.splice(0, SEEDS_PER_DESK)) {
    const world = await scene(some.length);
    try {
      await playSome(world, some);
    } finally {
      await world.desk.stop();
    }
  }
}

await buildApp();
await Promise.all(Array.from({ length: DESKS_AT_ONCE }, worker));
const sum = (of: (one: Told) => number): number => told.reduce((so, one) => so + of(one), 0);
const kills = sum((one) => one.kills);
console.log(`\n${told.length} seeds told the truth: ${kills} kills, ${sum((one) => one.attempts)} attempts, ${sum((one) => one.failedByAzure)} jobs failed by Azure and said so.`);
for (const { seed, why } of wrong) console.log(`Seed ${seed}: ${why}`);
if (wrong.length > 0 || kills < total) {
  console.log(kills < total ? 'Too few kills: this run proves nothing.' : `${wrong.length} seeds did not.`);
  process.exitCode = 1;
}
