// Sends the questions of a job or an alert rule to people. Repeats each question, at a higher level
// each time, until it has an answer or is closed. `pendingQuestions.ts` and the alert questions
// call this module.
import { clock } from '../core/clock.ts';
import { config } from '../core/config.ts';
import { dueQuestions, type AskedQuestion } from './rules/questionReminders.ts';
import { EventName } from '../outbox/rules/events.ts';
import { isFinalJobState } from '../core/states/job.ts';
import { transient } from '../core/errors.ts';
import { readQuestionReminders, saveQuestionReminders, questionStreamOf } from './questionReminderStore.ts';
import { readJob } from '../journal/job.ts';
import { listEvents } from '../journal/outbox.ts';
import { addNewTargets } from './addNewTargets.ts';
import { reminderMessages, endedMessage, noteMessage } from './questionMessages.ts';
import { apiLinkOf, questionsOfJob, type Note, type Question } from './questions.ts';
import { startDelivery } from './relay.ts';

/** The open questions of a job or an alert decision. */
export interface OpenQuestions {
  readonly questions: readonly Question[];
  readonly notes: readonly Note[];
  /** The text for people about the end of a closed question. */
  readonly endText: string;
  readonly link: string;
  /** The caller of the job, or the person that saved the alert rule. */
  readonly callerId: string | null;
  /** Runs after the save of the messages. */
  readonly afterSave?: () => Promise<unknown>;
}

const MAX_TRIES = 10;
/** This many questions fit into one batch. The others follow a minute later. */
const MAX_QUESTIONS = 40;

/**
 * `withNewCallbacks`: some call-back addresses may be new and may not know the earlier questions.
 */
export const askAboutJob = (jobId: string, withNewCallbacks = false): Promise<void> =>
  sendQuestions(jobId, () => readJobQuestions(jobId), withNewCallbacks);

/**
 * Sends the due questions and messages. `readOpenQuestions` gives undefined when there is nothing
 * to send now.
 */
export async function sendQuestions(
  about: string,
  readOpenQuestions: () => Promise<OpenQuestions | undefined>,
  withNewCallbacks: boolean,
): Promise<void> {
  for (let tried = 0; tried < MAX_TRIES; tried++) {
    const [before, openQuestions, now] = await Promise.all([
      readQuestionReminders(about),
      readOpenQuestions(),
      clock().now(),
    ]);
    if (!openQuestions) return;
    const questions = openQuestions.questions.slice(0, MAX_QUESTIONS);
    const { open, toAsk, ended } = dueQuestions(
      before?.open ?? [],
      questions,
      now.toISOString(),
      config().LIFEBOAT_REMIND_MINUTES,
    );
    const notes = openQuestions.notes.filter(({ key }) => !before?.told.includes(key));
    const messages = [
      ...notes.map((note) => noteMessage(note, before?.open ?? [])),
      ...ended.map((asked) => endedMessage(asked, openQuestions)),
      ...toAsk.flatMap((asked) => reminderMessages(asked, questions)),
    ];
    if (messages.length > 0) {
      if (
        !(await saveQuestionReminders(
          before,
          {
            about,
            callerId: openQuestions.callerId,
            open,
            told: [...(before?.told ?? []), ...notes.map(({ key }) => key)],
          },
          messages,
          now,
        ))
      )
        continue;
      startDelivery(questionStreamOf(about));
    } else if (withNewCallbacks && open.length > 0) {
      await addNewTargets(questionStreamOf(about), (last) => findFirstOpenMessage(about, open, last));
    }
    await openQuestions.afterSave?.();
    return;
  }
  throw transient(
    'AskingContended',
    `Another process asks about ${about} at the same time. Lifeboat will try again.`,
  );
}

/** The number of the oldest message among the last messages of the open questions. */
async function findFirstOpenMessage(
  about: string,
  open: readonly AskedQuestion[],
  last: number,
): Promise<number> {
  const events = await listEvents(questionStreamOf(about), 1, last, last);
  const openEvents = events.filter(
    ({ news, subject, data }) =>
      news === EventName.questionAsked &&
      open.some((asked) => asked.subject === subject && asked.times === data['times']),
  );
  return openEvents.at(-open.length)?.number ?? last + 1;
}

async function readJobQuestions(jobId: string): Promise<OpenQuestions | undefined> {
  const job = await readJob(jobId);
  if (!job) return undefined;
  const questions = job.state === 'running' ? questionsOfJob(job) : [];
  return {
    questions,
    notes: [],
    endText: isFinalJobState(job.state)
      ? `The job has ended: ${job.state}.`
      : 'The question has an answer, or is no longer open.',
    link: apiLinkOf('jobs', jobId),
    callerId: job.caller.id,
  };
}
