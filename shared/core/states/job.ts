// The states of a job, and who moves it where. Their order here is the order in which they are listed.
import { statesWhere, type Transitions } from './transitions.ts';

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
export type JobTransitionCause = 'begin' | 'close' | 'refuse' | 'retry';

export const JOB_TRANSITIONS: Transitions<JobState, JobTransitionCause> = {
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
export type FinalJobState = Exclude<JobState, 'accepted' | 'running'>;

const allowsRetry = (causes: readonly JobTransitionCause[] | undefined): boolean =>
  causes?.includes('retry') ?? false;

const RETRIABLE: ReadonlySet<JobState> = new Set(
  statesWhere(JOB_TRANSITIONS, ({ accepted }) => allowsRetry(accepted)),
);
export const mayBeRetried = (state: JobState): boolean => RETRIABLE.has(state);

/** Nothing but a retry goes on from here. */
const FINAL: ReadonlySet<JobState> = new Set(
  statesWhere(JOB_TRANSITIONS, (next) => Object.values(next).every(allowsRetry)),
);
export const isFinalJobState = (state: JobState): state is FinalJobState => FINAL.has(state);

export const OPEN_JOB_STATES: readonly JobState[] = Object.values(JobState).filter(
  (state) => !isFinalJobState(state),
);
