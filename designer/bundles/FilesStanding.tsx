import { useQuery } from "@tanstack/react-query";
import { FolderGit2 } from "lucide-react";
import { flowFilesQuery } from "../api/queries.ts";
import { useEnvironments } from "../app/address.ts";
import { TimeText } from "../elements/TimeText.tsx";
import classes from "./bundles.module.css";
import { say } from "./say.ts";

/** How a flow stands to the files it was last pushed from; nothing where it never was. */
export function FilesStanding({ flow }: { flow: string }) {
  const environments = useEnvironments();
  const files = useQuery(flowFilesQuery(flow)).data?.files;
  if (!files) return null;
  const { origin, pushedAt, pushedBy, draft, deployments } = files;
  const titleOf = (environment: string) => environments.find(({ id }) => id === environment)?.title ?? environment;
  return (
    <li className={classes.files} data-testid="files-standing">
      <div className={classes.head}>
        <FolderGit2 size={14} aria-hidden />
        <strong>{say("files.from")}</strong>
        {origin && <span className="ol-dim">{origin.name}</span>}
        {origin?.commit && <span className="ol-mono ol-dim">{say("files.commit", { commit: origin.commit.slice(0, 12) })}</span>}
      </div>
      <p className="ol-dim ol-small">
        {say("files.pushedBy", { who: pushedBy })}, <TimeText iso={pushedAt} />
      </p>
      <p data-standing={draft}>{say(draft === "same" ? "standing.draftSame" : "standing.draftChanged")}</p>
      {deployments.map(({ environment, number, standing }) => (
        <p key={`${environment} ${number}`} data-standing={standing}>
          {say(`standing.${standing}`, { environment: titleOf(environment), number })}
        </p>
      ))}
    </li>
  );
}
