// Values that the server of the benchmark and the measuring process share.

export const KEY = Buffer.from('the key of the bench of Cosmos DB in the simulator').toString('base64');
/** As in the scenarios: queries must work over several ranges. */
export const RANGES = 3;
export const DATABASE = 'bench';
export const THINGS = 'things';
export const STEPS = 'steps';
export const JOBS = 'jobs';
