/** The messages from a page to the kernel. */

import type { Playhead } from "./spec";

/** The part of an axis that a page shows; what is missing is the full range, on the axis's own scale. */
export interface AxisRange {
  low?: number;
  high?: number;
  scale?: "log" | "linear";
}

/** The visible ranges by the unit of the axis. */
export type Axes = Record<string, AxisRange>;

/** The options of each view, by the name of the view. */
export type ViewOptions = Record<string, Record<string, unknown>>;

export interface BundleRequest {
  type: "bundle";
}

export interface ReadyMessage extends Playhead {
  type: "ready";
  client: string;
  views: string[];
  options: ViewOptions;
  axes: Axes;
}

export interface AxesMessage {
  type: "axes";
  client: string;
  axes: Axes;
}

export interface AckMessage {
  type: "ack";
  client: string;
  received: number[];
  ack_delays: number[];
}

export interface BufferedMessage extends Playhead {
  type: "buffered";
  client: string;
  /** The seconds that the page has from `position` on, of the newest render and of the input; JSON has null for all. */
  wet: number | null;
  dry: number | null;
}

export interface ViewsMessage {
  type: "views";
  client: string;
  views: string[];
  options: ViewOptions;
  axes: Axes;
  changed?: string[];
}

export interface ClosedMessage {
  type: "closed";
  client: string;
}

export interface PingMessage {
  type: "ping";
  client: string;
}

/** The fields of the command are beside these. */
export interface CommandMessage extends Playhead {
  type: "command";
  client: string;
  name: string;
  seq: number;
}

/** The fields of the query are beside these. */
export interface QueryMessage {
  type: "query";
  client: string;
  name: string;
  request: string;
}

export type PageMessage =
  | BundleRequest
  | ReadyMessage
  | AxesMessage
  | AckMessage
  | BufferedMessage
  | ViewsMessage
  | ClosedMessage
  | PingMessage
  | CommandMessage
  | QueryMessage;

/** A message to which the client is still to be added. */
export type Unaddressed<M> = M extends unknown ? Omit<M, "client"> : never;
