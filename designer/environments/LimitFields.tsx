import { Fieldset, NumberInput, Stack } from "@mantine/core";
import type { EnvironmentLimits } from "#schemas/environment.ts";
import { limitNames } from "./limits.ts";
import { say } from "./say.ts";

interface LimitFieldsProps {
  limits: EnvironmentLimits;
  onChange: (limits: EnvironmentLimits) => void;
}

/** What an environment may take of what all share; an empty field is no limit. */
export function LimitFields({ limits, onChange }: LimitFieldsProps) {
  return (
    <Fieldset legend={say("limits.title")}>
      <Stack gap={12}>
        {limitNames.map(([name, most]) => (
          <NumberInput
            key={name}
            label={say(`limit.${name}`)}
            description={say(`limitHint.${name}`)}
            placeholder={say("limits.none")}
            value={limits[name] ?? ""}
            onChange={(value) => onChange({ ...limits, [name]: value === "" ? null : Number(value) })}
            min={1}
            max={most}
            allowDecimal={false}
            data-testid={`limit-${name}`}
          />
        ))}
      </Stack>
    </Fieldset>
  );
}
