import { Notifications } from "@mantine/notifications";
import classes from "./app.module.css";
import { useLost } from "./useLost.ts";

/** What is told in passing; loaded once the first page stands. */
export default function Notices() {
  useLost();
  return <Notifications position="bottom-left" autoClose={6_000} transitionDuration={120} className={classes.notices ?? ""} />;
}
