import { Link } from "react-router";
import { address, useEnvironment } from "../app/address.ts";
import { FormDialog } from "../elements/FormDialog.tsx";
import { say } from "./say.ts";

interface RestoreDialogProps {
  flow: string;
  number: number;
  /** The version that was published last. */
  latest: number;
  action: { isPending: boolean; mutate: () => void };
  onClose: () => void;
}

/** Asks before a draft that was changed since it was published is given up. */
export default function RestoreDialog({ flow, number, latest, action, onClose }: RestoreDialogProps) {
  const { id: environment } = useEnvironment();
  return (
    <FormDialog
      title={say("restore.title", { number })}
      onClose={onClose}
      action={action}
      submit={say("restore.do")}
      testId="restore-confirm"
    >
      <p style={{ margin: 0 }}>{say("restore.text", { latest, number })}</p>
      <p style={{ margin: 0 }}>
        <Link className="ol-link" to={address.versionAndDraft(environment, flow, latest)} onClick={onClose}>
          {say("restore.see")}
        </Link>
      </p>
    </FormDialog>
  );
}
