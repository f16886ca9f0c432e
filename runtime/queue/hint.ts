/** "Task T is ready": all that BullMQ ever carries, under 500 bytes. Losing one costs time, never a task. */
export interface Hint {
  task: string;
  /** The task's epoch when it was hinted; a hint given again while the first still waits is no second job. */
  epoch: number;
  /** The connection of an effect, so that a worker without room for it need not claim the task. */
  connection?: string;
  /** W3C traceparent. */
  tp?: string;
}

/** Hints that are taken `first` go before those that wait for their `turn`; among equals the first come is the first. */
export type HintOrder = "first" | "turn";

export type QueueName = "evaluate" | "effect" | "source";

/** Whose tasks: queues are few and fixed, per environment and worker group. */
export interface Scope {
  environment: string;
  workerGroup: string;
}
