import { Center, Loader } from "@mantine/core";
import { lazy, Suspense } from "react";
import { createBrowserRouter, Navigate, Outlet } from "react-router";
import { Fault, NoPage } from "./Fault.tsx";
import { Guarded } from "./Guarded.tsx";
import { Shell } from "./Shell.tsx";
import { Start } from "./Start.tsx";

const Notices = lazy(() => import("./Notices.tsx"));

const Waiting = () => (
  <Center h="100%">
    <Loader size="sm" type="dots" />
  </Center>
);

const Root = () => (
  <Suspense fallback={<Waiting />}>
    <Outlet />
    <Suspense>
      <Notices />
    </Suspense>
  </Suspense>
);

/** Pages come in their own pieces: who looks at runs does not load the editor. */
export const router = createBrowserRouter([
  {
    Component: Root,
    ErrorBoundary: Fault,
    HydrateFallback: Waiting,
    children: [
      { path: "/sign-in", lazy: async () => ({ Component: (await import("../people/SignInPage.tsx")).SignInPage }) },
      { path: "/set-up", lazy: async () => ({ Component: (await import("../people/SetUpPage.tsx")).SetUpPage }) },
      {
        Component: Guarded,
        children: [
          { path: "/", Component: Start },
          {
            path: "/:env",
            Component: Shell,
            children: [
              { index: true, element: <Navigate to="flows" replace /> },
              {
                ErrorBoundary: Fault,
                children: [
                  { path: "flows", lazy: async () => ({ Component: (await import("../flows/FlowList.tsx")).FlowList }) },
                  { path: "flows/:flow", lazy: async () => ({ Component: (await import("../canvas/FlowPage.tsx")).FlowPage }) },
                  {
                    path: "flows/:flow/versions",
                    lazy: async () => ({ Component: (await import("../versions/VersionsPage.tsx")).VersionsPage }),
                  },
                  {
                    path: "flows/:flow/versions/:version",
                    lazy: async () => ({ Component: (await import("../versions/VersionPage.tsx")).VersionPage }),
                  },
                  {
                    path: "flows/:flow/promote",
                    lazy: async () => ({ Component: (await import("../promotion/PromotePage.tsx")).PromotePage }),
                  },
                  { path: "runs", lazy: async () => ({ Component: (await import("../runs/RunList.tsx")).RunList }) },
                  { path: "runs/:run", lazy: async () => ({ Component: (await import("../runs/RunPage.tsx")).RunPage }) },
                  {
                    path: "exceptions",
                    lazy: async () => ({ Component: (await import("../exceptions/ExceptionList.tsx")).ExceptionList }),
                  },
                  {
                    path: "connections",
                    lazy: async () => ({ Component: (await import("../connections/ConnectionList.tsx")).ConnectionList }),
                  },
                  {
                    path: "tables",
                    lazy: async () => ({ Component: (await import("../tables/TableListPage.tsx")).TableListPage }),
                  },
                  {
                    path: "tables/:table",
                    lazy: async () => ({ Component: (await import("../tables/TablePage.tsx")).TablePage }),
                  },
                  {
                    path: "environments",
                    lazy: async () => ({ Component: (await import("../environments/EnvironmentsPage.tsx")).EnvironmentsPage }),
                  },
                  { path: "people", lazy: async () => ({ Component: (await import("../people/PeoplePage.tsx")).PeoplePage }) },
                  { path: "audit", lazy: async () => ({ Component: (await import("../audit/AuditPage.tsx")).AuditPage }) },
                  { path: "*", Component: NoPage },
                ],
              },
            ],
          },
        ],
      },
    ],
  },
]);
