import { ActionIcon, Button, Select, Stack } from "@mantine/core";
import { Plus, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { type Grant, type Role, roles } from "#schemas/people.ts";
import { useEnvironments } from "../app/address.ts";
import { Label } from "../elements/Label.tsx";
import classes from "./people.module.css";

/** Stands for null, which no choice of a list can be; no environment is called so. */
const everywhere = "*";

interface GrantsFieldProps {
  grants: readonly Grant[];
  onChange: (grants: Grant[]) => void;
}

/** The roles of a person, each in one environment or everywhere. */
export function GrantsField({ grants, onChange }: GrantsFieldProps) {
  const { t } = useTranslation();
  const environments = useEnvironments();
  const put = (at: number, part: Partial<Grant>) =>
    onChange(grants.map((grant, index) => (index === at ? { ...grant, ...part } : grant)));
  return (
    <fieldset className={classes.fieldset}>
      <legend>{t("people.roles")}</legend>
      <Stack gap={8}>
        {grants.map(({ environment, role }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two rows may say the same while they are edited.
          <div key={index} className={classes.grantRow}>
            <Select
              aria-label={t("people.role")}
              data={roles.map((value) => ({ value, label: t(`people.roleNames.${value}`) }))}
              value={role}
              onChange={(value) => value && put(index, { role: value as Role })}
              allowDeselect={false}
            />
            <Select
              aria-label={t("people.where")}
              data={[
                { value: everywhere, label: t("people.everywhere") },
                ...environments.map(({ id, title }) => ({ value: id, label: title })),
              ]}
              value={environment ?? everywhere}
              onChange={(value) => value && put(index, { environment: value === everywhere ? null : value })}
              allowDeselect={false}
            />
            <ActionIcon
              aria-label={t("people.removeRole", { role: t(`people.roleNames.${role}`) })}
              onClick={() => onChange(grants.filter((_grant, at) => at !== index))}
            >
              <X size={14} />
            </ActionIcon>
          </div>
        ))}
        <div>
          <Button
            variant="default"
            leftSection={<Plus size={14} aria-hidden />}
            onClick={() => onChange([...grants, { environment: environments[0]?.id ?? null, role: "viewer" }])}
          >
            {t("people.addRole")}
          </Button>
        </div>
      </Stack>
    </fieldset>
  );
}

/** The same, to read. */
export function Grants({ grants }: { grants: readonly Grant[] }) {
  const { t } = useTranslation();
  const environments = useEnvironments();
  const titleOf = (id: string | null) =>
    id === null ? t("people.everywhere") : (environments.find((each) => each.id === id)?.title ?? id);
  if (grants.length === 0) return <span className="ol-dim">{t("people.noRole")}</span>;
  return (
    <span className={classes.grants}>
      {grants.map(({ environment, role }) => (
        <Label key={`${environment} ${role}`}>
          {t("people.grant", { role: t(`people.roleNames.${role}`), where: titleOf(environment) })}
        </Label>
      ))}
    </span>
  );
}
