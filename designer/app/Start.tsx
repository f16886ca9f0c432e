import { useSuspenseQuery } from "@tanstack/react-query";
import { Navigate } from "react-router";
import { flowsQuery } from "../api/queries.ts";
import { address, useEnvironments } from "./address.ts";

/** `/`: straight to the canvas of the one flow there is, to the list otherwise. */
export function Start() {
  const [first] = useEnvironments();
  if (!first) throw new Error("The installation has no environment.");
  const { data } = useSuspenseQuery(flowsQuery(first.id));
  const [flow, ...others] = data.items;
  return <Navigate to={flow && others.length === 0 ? address.flow(first.id, flow.id) : address.flows(first.id)} replace />;
}
