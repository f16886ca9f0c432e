import { Select } from "@mantine/core";
import type { ReactNode } from "react";
import { say } from "./say.ts";

interface ZoneFieldProps {
  label: string;
  description: ReactNode;
  withAsterisk: boolean;
  error: ReactNode;
  value: string;
  onChange: (value: string | undefined) => void;
  "data-testid": string;
}

/** More than these at once nobody reads; typing finds the others. */
const SHOWN = 60;

const zones = ["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")];

/** A time zone by its IANA name. */
export function ZoneField({ value, onChange, ...rest }: ZoneFieldProps) {
  return (
    <Select
      {...rest}
      searchable
      limit={SHOWN}
      placeholder="UTC"
      nothingFoundMessage={say("cron.noZone")}
      data={value === "" || zones.includes(value) ? zones : [value, ...zones]}
      value={value === "" ? null : value}
      onChange={(zone) => onChange(zone ?? undefined)}
      clearable
      clearButtonProps={{ "aria-label": say("cron.clearZone") }}
    />
  );
}
