// The states of a job, and who moves it where. Their order here is the order in which they are listed.
import { statesWhere, type Moves } from './moves.ts';

export const JobState = {
  accepted: 'accepted',
  running: 'running',
  completed: 'completed',
  completedWithExceptions: 'completedWithExceptions',
  failed: 'failed',
  /** By a person; nothing of it runs any more. */
  cancelled: 'cancelled',
} as const;
export type JobState = (typeof JobState)[keyof typeof JobState];

/**
 * `begin`: one orchestration gets the job. `close`: all steps have ended.
 * `refuse`: nothing begins at this epoch. After a retry the job goes back to the state in which it had ended.
 * `retry`: a person has what is left over tried again, at the next epoch.
 * A take-over moves no state: it raises the epoch.
 */
export type JobMover = 'begin' | 'close' | 'refuse' | 'retry';

export const JOB_MOVES: Moves<JobState, JobMover> = {
  accepted: { running: ['begin'] },
  running: {
    // Another orchestration gets the job after a take-over.
    running: ['begin'],
    completed: ['close'],
    completedWithExceptions: ['close', 'refuse'],
    failed: ['close', 'refuse'],
    cancelled: ['close', 'refuse'],
  },
  completed: {},
  completedWithExceptions: { accepted: ['retry'] },
  failed: { accepted: ['retry'] },
  cancelled: { accepted: ['retry'] },
};

/** How a job ends. */
export type JobEnd = Exclude<JobState, 'accepted' | 'running'>;

const isRetry = (movers: readonly JobMover[] | undefined): boolean => movers?.includes('retry') ?? false;

const RETRIABLE: ReadonlySet<JobState> = new Set(statesWhere(JOB_MOVES, ({ accepted }) => isRetry(accepted)));
export const mayBeRetried = (state: JobState): boolean => RETRIABLE.has(state);

/** Nothing but a retry goes on from here. */
const FINAL: ReadonlySet<JobState> = new Set(
  statesWhere(JOB_MOVES, (next) => Object.values(next).every(isRetry)),
);
export const isFinalJob = (state: JobState): state is JobEnd => FINAL.has(state);

export const OPEN_JOB_STATES: readonly JobState[] = Object.values(JobState).filter(
  (state) => !isFinalJob(state),
);
