// The states of a job and their allowed transitions. Lists of jobs show the states in this order.
import { statesWhere, type Transitions } from './transitions.ts';

/** The states of a job. */
export const JobState = {
  accepted: 'accepted',
  running: 'running',
  completed: 'completed',
  completedWithExceptions: 'completedWithExceptions',
  failed: 'failed',
  /** A person cancelled the job, and no step of the job runs any more. */
  cancelled: 'cancelled',
} as const;
export type JobState = (typeof JobState)[keyof typeof JobState];

/**
 * The event that causes a transition.
 * `begin`: one orchestration gets the job.
 * `close`: all steps have ended.
 * `refuse`: no step begins at this epoch. After a retry the job returns to its earlier final state.
 * `retry`: a person retries the unfinished steps at the next epoch.
 * A take-over changes no state: it raises the epoch.
 */
export type JobTransitionCause = 'begin' | 'close' | 'refuse' | 'retry';

/** The allowed transitions of a job. */
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

/** The final states of a job. */
export type FinalJobState = Exclude<JobState, 'accepted' | 'running'>;

const allowsRetry = (causes: readonly JobTransitionCause[] | undefined): boolean =>
  causes?.includes('retry') ?? false;

const RETRIABLE: ReadonlySet<JobState> = new Set(
  statesWhere(JOB_TRANSITIONS, ({ accepted }) => allowsRetry(accepted)),
);
/** True for a final state that a retry can leave. */
export const mayBeRetried = (state: JobState): boolean => RETRIABLE.has(state);

/** Only a retry leaves these states. */
const FINAL: ReadonlySet<JobState> = new Set(
  statesWhere(JOB_TRANSITIONS, (next) => Object.values(next).every(allowsRetry)),
);
/** True when the job has ended. */
export const isFinalJobState = (state: JobState): state is FinalJobState => FINAL.has(state);

/** The states of a job that has not ended. */
export const OPEN_JOB_STATES: readonly JobState[] = Object.values(JobState).filter(
  (state) => !isFinalJobState(state),
);
