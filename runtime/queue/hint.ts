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

export type QueueName = "evaluate" | "effect" | "source";

/** Whose tasks: queues are few and fixed, per environment and worker group. */
export interface Scope {
  environment: string;
  workerGroup: string;
}
