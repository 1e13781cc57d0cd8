// Made by `npm run api` from openapi.json. Do not edit.

export interface paths {
    "/api/accounts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All accounts. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["AccountList"];
                    };
                };
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        /** Adds an account. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["NewAccountForm"];
                };
            };
            responses: {
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["AccountInfo"];
                    };
                };
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                /** @description login_taken or agent_taken */
                409: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/accounts/{id}/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Gives an account another password; who is signed in with it is out at once. */
        put: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["PasswordForm"];
                };
            };
            responses: {
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                /** @description own_account */
                409: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/accounts/{id}/roles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Gives an account other roles. */
        put: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["RolesForm"];
                };
            };
            responses: {
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                /** @description own_account or last_security_admin */
                409: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/accounts/{id}/state": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Takes an account's rights, or gives them back. */
        put: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["StateForm"];
                };
            };
            responses: {
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                /** @description own_account or last_security_admin */
                409: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who looked at what, newest first. */
        get: {
            parameters: {
                query?: {
                    /** @description Those before this one. */
                    before?: number | null;
                    /** @description Of this account. */
                    account?: string | null;
                    /** @description About this kind of thing: `call`, `person`, `recording`, `account`; with `id`. */
                    entity?: string | null;
                    /** @description About this one. */
                    id?: string | null;
                    /** @description How many: 1 to 500, 100 when nothing is said. */
                    limit?: number | null;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["AuditList"];
                    };
                };
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/audit/chain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Follows the chain of digests from its beginning. */
        get: {
            parameters: {
                query?: {
                    /** @description A digest that was noted earlier. */
                    noted?: string | null;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ChainInfo"];
                    };
                };
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/calls": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Calls, newest first: one's own, or all. */
        get: {
            parameters: {
                query?: {
                    /** @description Calls that arrived before, UTC microseconds. */
                    before_us?: number | null;
                    /** @description At most so many: 1 to 200, 50 when nothing is said. */
                    limit?: number | null;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["CallList"];
                    };
                };
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/calls/{call}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One call. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    call: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["CallDetail"];
                    };
                };
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/calls/{call}/hang-up": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ends a live call of one's own, or any. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    call: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                /** @description switch_refused */
                409: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/calls/{call}/note": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The note of a call. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    call: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["NoteText"];
                    };
                };
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        /** Saves the note over the version that was on the screen. */
        put: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    call: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["NoteToSave"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["NoteSaved"];
                    };
                };
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                /** @description note_conflict; `current` is the note as it is saved */
                409: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/calls/{call}/person": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** The agent says who the caller is. */
        put: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    call: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["Choice"];
                };
            };
            responses: {
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/calls/{call}/pop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who is calling, or was; `stale` when the database does not answer in time. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    call: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Pop"];
                    };
                };
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/demo/accounts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Accounts for a demonstration. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["DemoAccount"][];
                    };
                };
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/demo/sign-in": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Signs in without a password. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["DemoLogin"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Me"];
                    };
                };
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/duplicates": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Pairs that may be one person. */
        get: {
            parameters: {
                query: {
                    /** @description `open` when nothing is said, or `later`: those that somebody put aside. */
                    state: "open" | "later";
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PairList"];
                    };
                };
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/duplicates/{a}/{b}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** What becomes of a pair that is not joined. */
        put: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    a: string;
                    b: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["PairDecided"];
                };
            };
            responses: {
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How the desk is; always 200. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Health"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/his/doors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The doors, and what came through them. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["HisDoorList"];
                    };
                };
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/his/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Messages of the inbox, without their content. */
        get: {
            parameters: {
                query?: {
                    /** @description Of this system. */
                    source?: string | null;
                    /** @description `applied`, `ignored`, `stale`, `parked`, `refused` or `discarded`; `parked` and `refused` when nothing is said. */
                    state?: string | null;
                    /** @description Those behind this place: `next` of the answer before. */
                    after?: string | null;
                    /** @description How many: 1 to 200, 50 when nothing is said. */
                    limit?: number | null;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["HisMessageList"];
                    };
                };
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/his/messages/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One message with its content. Reading it is in the access log. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Message */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["HisMessageDetail"];
                    };
                };
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/his/messages/{id}/discard": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Puts a message aside that waits: it is kept, with the reason. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Message */
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["HisDiscard"];
                };
            };
            responses: {
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                409: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/his/messages/{id}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Does a message that waits, or was put aside, as if it came now. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description Message */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["HisReplayed"];
                    };
                };
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                409: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/his/replays": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The same with those that wait for one reason, the oldest first. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["HisReasonForm"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["HisReplayedAll"];
                    };
                };
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/hospital": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The hospital. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Hospital"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/me/state": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Makes the signed-in agent ready or not ready. */
        put: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["WantedState"];
                };
            };
            responses: {
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                /** @description no_agent */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                /** @description switch_refused, with the switch's words */
                409: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                /** @description switch_away */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/merges": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Merges, newest first. */
        get: {
            parameters: {
                query?: {
                    /** @description Those before this moment, UTC microseconds. */
                    before_us?: number | null;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["MergeList"];
                    };
                };
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        /** Joins two people. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["MergeForm"];
                };
            };
            responses: {
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["MergeInfo"];
                    };
                };
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                /** @description merge_refused, with the reason */
                409: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/merges/{merge}/reverse": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes apart what was joined. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    merge: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Unmerged"];
                    };
                };
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                /** @description merge_refused, with the reason */
                409: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Messages that are not handled, or those that are: of queues and one's own, or all. */
        get: {
            parameters: {
                query?: {
                    /** @description Those that are handled; otherwise those that are not. */
                    handled?: boolean | null;
                    /** @description How many: 1 to 200, 50 when nothing is said. */
                    limit?: number | null;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["MessageList"];
                    };
                };
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/messages/{message}/state": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Takes a message, gives it back, or is done with it. */
        put: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    message: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["WantedMessage"];
                };
            };
            responses: {
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                /** @description switch_refused, with the switch's words */
                409: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                /** @description switch_away */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/persons": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** People by name, initials, record number or telephone number. */
        get: {
            parameters: {
                query: {
                    /** @description Beginning of a name or of its pinyin initials, or a whole record, telephone or ID number; at most 64 characters. */
                    q: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PersonList"];
                    };
                };
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        /** Adds a person; with a call, also the caller's number, and that the caller is this person. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["NewPersonForm"];
                };
            };
            responses: {
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PersonCard"];
                    };
                };
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/persons/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One person; that it was looked at is noted first. Whoever was joined with another leads to who they are now. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PersonFile"];
                    };
                };
                /** @description joined with another: Location names who they are now */
                307: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/persons/{id}/consents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a person allows. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Consents"];
                    };
                };
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        /** Writes down what a person said. Taking a yes back is as easy as giving it. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["ConsentForm"];
                };
            };
            responses: {
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Consents"];
                    };
                };
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/persons/{id}/reveal": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** One masked thing, whole. Who asked and why is noted first; sixty an hour are given to one account. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["RevealForm"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Revealed"];
                    };
                };
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                /** @description too_many_reveals */
                429: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 200 when the database can be written and every switch is followed, otherwise 503. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Health"];
                    };
                };
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Health"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/recordings/{id}/audio": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The recording as WAV; also in single ranges. */
        get: {
            parameters: {
                query?: never;
                header?: {
                    /** @description one range of bytes */
                    range?: string | null;
                };
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "audio/wav": number[];
                    };
                };
                206: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "audio/wav": number[];
                    };
                };
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                416: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/recordings/{id}/peaks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The shape of a recording, for drawing. */
        get: {
            parameters: {
                query?: {
                    /** @description Slices per second: 1 to 100, 10 when nothing is said. */
                    per_second?: number | null;
                };
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Peaks"];
                    };
                };
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                502: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/reports/board": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Queues and agents as the switch counts them now. */
        get: {
            parameters: {
                query?: {
                    /** @description One of the switches; the first when nothing is said. */
                    switch?: string | null;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["LiveBoard"];
                    };
                };
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                /** @description no_right */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                /** @description switch_away */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/reports/intervals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Intervals of a day, computed from the stored events by the same definitions as the wallboard's. */
        get: {
            parameters: {
                query: {
                    /** @description `queue`, `agent` or `line`. */
                    subject: string;
                    /** @description `quarter`, `half_hour` or `day`; half an hour when nothing is said. */
                    length?: string | null;
                    /** @description The day in the hospital's zone, as 2026-09-28; today when nothing is said. */
                    day?: string | null;
                    /** @description One of the switches; the first when nothing is said. */
                    switch?: string | null;
                    /** @description Only this queue, agent or line. */
                    id?: string | null;
                    /** @description Everything in the interval in which it happened, so that past rows never change; else where its entry began. */
                    by_event?: boolean | null;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["IntervalReport"];
                    };
                };
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                /** @description no_right */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/reports/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All metrics. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["MetricInfo"][];
                    };
                };
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who is signed in. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Me"];
                    };
                };
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        /** Signs in. The answer to an unknown login is the same as to a wrong password, and takes as long. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["Credentials"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Me"];
                    };
                };
                /** @description sign_in_refused */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                /** @description locked; Retry-After says how long */
                429: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        /** Signs out. */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/ws": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The page's stream: a snapshot, then what changes. Messages from the server are of the schema `ServerMessage`, those
         *     of the page of `PageMessage`. Closed with 4001 (superseded), 4003 (signed out) or 4008 (did not read).
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description the WebSocket */
                101: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description never: the schema of the messages */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ServerMessage"];
                    };
                };
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description An account. */
        AccountInfo: {
            /** @description Id. */
            account: string;
            /** @description The agent at the switch, for roles that take calls. */
            agent?: string | null;
            /** @description May not sign in any more. */
            disabled: boolean;
            /** @description What is typed to sign in. */
            login: string;
            /** @description The name on screens. */
            name: string;
            /** @description What it is there for. */
            roles: components["schemas"]["Roles"];
        };
        /** @description All accounts. */
        AccountList: {
            /** @description By login. */
            accounts: components["schemas"]["AccountInfo"][];
        };
        /**
         * @description Something that an endpoint does.
         * @enum {string}
         */
        Action: "be_here" | "set_own_state" | "watch" | "read_calls" | "hang_up_call" | "read_pop" | "choose_person" | "write_note" | "hear_recording" | "read_messages" | "handle_message" | "search_persons" | "read_person" | "add_person" | "reveal_person" | "record_consent" | "read_duplicates" | "merge_persons" | "read_reports" | "read_board" | "read_accounts" | "change_accounts" | "read_audit" | "read_his" | "mend_his";
        /** @description One agent. */
        AgentLive: {
            /** @description Id of the agent at the switch. */
            agent: string;
            /** @description The call in hand, or the one the agent writes up. */
            call?: string | null;
            /** @description The reason, when not ready. */
            code?: string | null;
            /** @description What the phone is. */
            device: components["schemas"]["DeviceWord"];
            /** @description What the agent wants. */
            intent: components["schemas"]["IntentWord"];
            /** @description The name on screens. */
            name: string;
            /**
             * Format: int64
             * @description Last change of any axis, UTC microseconds, the switch's clock.
             */
            since_us: number;
            /** @description What the agent does. */
            work: components["schemas"]["WorkWord"];
        };
        /** @description One entry. */
        AuditEntry: {
            /** @description Whose account; empty for somebody who did not get in. */
            account: string;
            /** @description What was done. */
            action: string;
            /**
             * Format: int64
             * @description UTC microseconds.
             */
            at_us: number;
            /** @description Over this entry and the digest before it. */
            digest: string;
            /** @description To what kind of thing. */
            entity: string;
            /**
             * Format: int64
             * @description Its place.
             */
            entry: number;
            /** @description To which. */
            id: string;
            /** @description Its login, while it is known. */
            login: string;
        };
        /** @description Entries. */
        AuditList: {
            /** @description Newest first. */
            entries: components["schemas"]["AuditEntry"][];
        };
        /** @description One call, whole. */
        CallDetail: {
            /** @description Who talked last, by the name on screens; empty when nobody did. */
            agent_name: string;
            /** @description Id. */
            call: string;
            /** @description The other party's number with its middle hidden; empty when withheld. */
            caller_masked: string;
            /** @description What the network sent as a name: text, never markup. */
            caller_name: string;
            /**
             * Format: int64
             * @description First conversation.
             */
            connected_us?: number | null;
            /** @description Who called whom. */
            direction: components["schemas"]["DirectionWord"];
            /** @description Why it ended. */
            end_cause?: string | null;
            /** @description Who ended it: `caller`, `agent`, `switch`. */
            ended_by?: string | null;
            /**
             * Format: int64
             * @description End.
             */
            ended_us?: number | null;
            /** @description The line. */
            line: string;
            /** @description Advertising medium; may be empty. */
            medium: string;
            /** @description What was written down. */
            note: components["schemas"]["NoteText"];
            /**
             * Format: int64
             * @description Arrival, UTC microseconds.
             */
            offered_us: number;
            person?: null | components["schemas"]["PersonCard"];
            /** @description The last queue. */
            queue?: string | null;
            /** @description The recordings, in order. */
            recordings: components["schemas"]["RecordingInfo"][];
            stage?: null | components["schemas"]["CallStageWord"];
            /**
             * Format: int64
             * @description In conversation, milliseconds.
             */
            talk_ms: number;
            /** @description Who passed it on to whom, in order. */
            transfers: components["schemas"]["TransferInfo"][];
            /**
             * Format: int64
             * @description In queues, milliseconds.
             */
            wait_ms: number;
        };
        /** @description Calls, newest first. */
        CallList: {
            /** @description The calls. */
            calls: components["schemas"]["CallSummary"][];
        };
        /** @description One call that has not ended. */
        CallLive: {
            /** @description The agent it rings at or talks to. */
            agent?: string | null;
            /** @description Id, a UUID. */
            call: string;
            /** @description The other party's number with its middle hidden; empty when withheld. */
            caller_masked: string;
            /** @description What the network sent as a name: text, never markup. */
            caller_name: string;
            /** @description Who called whom. */
            direction: components["schemas"]["DirectionWord"];
            /** @description The person's name when there is exactly one candidate, otherwise empty. */
            label: string;
            /** @description The line; empty when an agent dialled. */
            line: string;
            /** @description Advertising medium of the dialled number; may be empty. */
            medium: string;
            /**
             * Format: int64
             * @description Arrival, UTC microseconds, the switch's clock.
             */
            offered_us: number;
            /**
             * Format: int32
             * @description How many persons may be calling; nothing while nobody knows.
             */
            persons?: number | null;
            /** @description The queue it waits in or came from. */
            queue?: string | null;
            /** @description Where the call is. */
            stage: components["schemas"]["CallStageWord"];
            /**
             * Format: int64
             * @description Beginning of the present stage, UTC microseconds, the switch's clock.
             */
            stage_since_us: number;
        };
        /**
         * @description Where a call is.
         * @enum {string}
         */
        CallStageWord: "flow" | "queued" | "offered" | "talking" | "dialling" | "transferring";
        /** @description One call in a list. */
        CallSummary: components["schemas"]["Contact"] & {
            /** @description The caller's number with its middle hidden; empty when withheld. */
            caller_masked: string;
            /** @description What the network sent as a name: text, never markup. */
            caller_name: string;
            person?: null | components["schemas"]["PersonName"];
            /** @description Who passed it on to whom, in order. */
            transfers: components["schemas"]["TransferInfo"][];
            /**
             * Format: int64
             * @description In queues, milliseconds.
             */
            wait_ms: number;
        };
        /** @description Somebody who may be calling. */
        Candidate: {
            /**
             * Format: int32
             * @description Whole years, when the birth date is known.
             */
            age?: number | null;
            /** @description One line to be read first; empty when there is none. */
            alert: string;
            /** @description The last contacts, newest first, at most five. */
            contacts: components["schemas"]["Contact"][];
            /** @description Died. */
            deceased: boolean;
            /** @description As written. */
            name: string;
            /** @description Person id. */
            person: string;
            /** @description The person's numbers with their middle hidden. */
            phones: string[];
            /** @description Why this person: `owner`, `authorised`, `contact`, `seen_here`, `shared`. */
            reasons: string[];
            /** @description 病历号. */
            record_number?: string | null;
            /**
             * @description Whose number it is to the person: `self`, `spouse`, `child`, `parent`, `other`; nothing when the person only
             *     called from it before.
             */
            relation?: string | null;
            /**
             * Format: int32
             * @description The more the likelier.
             */
            score: number;
            /** @description As recorded. */
            sex: components["schemas"]["SexWord"];
        };
        /** @description What following the chain found. */
        ChainInfo: {
            /**
             * Format: int64
             * @description The first entry that is not as it was written.
             */
            broken_at?: number | null;
            /**
             * Format: int64
             * @description Entries that were looked at, when whole.
             */
            entries: number;
            /** @description The newest digest, to be noted elsewhere. */
            head: string;
            /** @description Every entry is as it was written, and the noted digest is among them. */
            whole: boolean;
        };
        /** @description Who the caller is. */
        Choice: {
            /** @description Person id. */
            person: string;
            /** @description How it is known. */
            reason: components["schemas"]["ChoiceReason"];
        };
        /**
         * @description How it is known who calls.
         * @enum {string}
         */
        ChoiceReason: "chosen";
        /** @description A word to write down. */
        ConsentForm: {
            /** @description The call in which it was said. */
            call?: string | null;
            /** @description How it is known, 1 to 200 characters. */
            evidence: string;
            purpose: components["schemas"]["Purpose"];
            state: components["schemas"]["ConsentState"];
            /**
             * Format: int64
             * @description A yes holds until then, UTC microseconds; for good when nothing is said.
             */
            until_us?: number | null;
        };
        /**
         * @description What somebody said.
         * @enum {string}
         */
        ConsentState: "granted" | "withdrawn" | "refused";
        /** @description One word. */
        ConsentWord: {
            /**
             * Format: int64
             * @description When, UTC microseconds.
             */
            at_us: number;
            /** @description Who wrote it down. */
            by: string;
            /** @description How it is known. */
            evidence: string;
            /** @description For what. */
            purpose: string;
            /** @description Which. */
            state: string;
        };
        /** @description What a person allows. */
        Consents: {
            /** @description Each purpose once. */
            purposes: components["schemas"]["PurposeInfo"][];
            /** @description Every word that was said, newest first, at most 50. */
            words: components["schemas"]["ConsentWord"][];
        };
        /** @description One earlier call. */
        Contact: {
            /** @description Who talked, by the name on screens; empty when nobody did. */
            agent_name: string;
            /** @description Somebody talked to the caller. */
            answered: boolean;
            /** @description The call. */
            call: string;
            /** @description `in`, `out` or `internal`. */
            direction: string;
            /** @description Why it ended; nothing while it goes on. */
            end_cause?: string | null;
            /** @description The line. */
            line: string;
            /** @description Advertising medium. */
            medium: string;
            /** @description What was written down. */
            note?: string | null;
            /**
             * Format: int64
             * @description Arrival, UTC microseconds.
             */
            offered_us: number;
            /** @description The last queue. */
            queue?: string | null;
            /** @description Ids of the recordings. */
            recordings: string[];
            /**
             * Format: int64
             * @description Conversation, milliseconds.
             */
            talk_ms: number;
        };
        /** @description What is typed to sign in. */
        Credentials: {
            /** @description At most 64 characters. */
            login: string;
            /** @description At most 256 bytes. */
            password: string;
        };
        /** @description An account that one may sign in with by a click. */
        DemoAccount: {
            agent?: string | null;
            login: string;
            name: string;
            roles: components["schemas"]["Roles"];
        };
        /** @description Which account. */
        DemoLogin: {
            login: string;
        };
        /**
         * @description What an agent's phone is.
         * @enum {string}
         */
        DeviceWord: "none" | "registered" | "in_use" | "lost";
        /**
         * @description Who called whom.
         * @enum {string}
         */
        DirectionWord: "in" | "out" | "internal";
        /** @description How the desk is. */
        Health: {
            /** @description The database. */
            storage: components["schemas"]["StorageHealth"];
            /** @description The switches. */
            switches: components["schemas"]["SwitchLive"][];
        };
        /** @description Messages of a state. */
        HisCount: {
            /**
             * Format: int64
             * @description How many.
             */
            messages: number;
            /** @description `applied`, `ignored`, `stale`, `parked`, `refused`, `discarded`, `repeated`, or after trying again `left`. */
            state: string;
        };
        /** @description Why a message is put aside. */
        HisDiscard: {
            /** @description 1 to 200 characters. */
            reason: string;
        };
        /** @description One door and what came through it. */
        HisDoorInfo: {
            /** @description How many messages became what; `repeated` are those that came again. */
            counts: components["schemas"]["HisCount"][];
            /** @description What is said there is encrypted. */
            encrypted: boolean;
            /**
             * Format: int64
             * @description When the last message came, UTC microseconds.
             */
            last_us?: number | null;
            /** @description Where it listens; nothing for a system that has no door any more. */
            listen?: string | null;
            /**
             * Format: int64
             * @description When the oldest of those came that wait for a person, UTC microseconds.
             */
            oldest_us?: number | null;
            /** @description Name of the system. */
            source: string;
        };
        /** @description The doors for the hospital's systems. */
        HisDoorList: {
            /** @description The configured ones in their order, then systems that have no door any more. */
            doors: components["schemas"]["HisDoorInfo"][];
        };
        /** @description One message. */
        HisMessageDetail: {
            /** @description In which letters it was read. */
            charset: string;
            /** @description What is known of it. */
            message: components["schemas"]["HisMessageInfo"];
            /** @description Whose file it was applied to. */
            person?: string | null;
            /** @description Address it came from. */
            remote: string;
            /** @description Its segments; the middle of telephone and identity numbers is hidden. */
            segments: string[];
        };
        /** @description One message without its content. */
        HisMessageInfo: {
            /**
             * Format: int64
             * @description Of HL7 table 0357.
             */
            code?: number | null;
            /** @description The sender's number of it. */
            control_id: string;
            /** @description Why a person put it aside. */
            decision?: string | null;
            /** @description `A08`, `S12`, ... */
            event: string;
            /** @description Id. */
            id: string;
            /** @description `ADT`, `SIU`, ...; empty when it could not be read. */
            kind: string;
            /** @description Where it is wrong: `PID-3`. */
            path?: string | null;
            /** @description What is wrong, in English, as its sender was told. */
            reason?: string | null;
            /**
             * Format: int64
             * @description When it came, UTC microseconds.
             */
            received_us: number;
            /**
             * Format: int64
             * @description How often it came again.
             */
            repeats: number;
            /**
             * Format: int64
             * @description How often a person tried it again.
             */
            replays: number;
            /** @description The system that sent it. */
            source: string;
            /** @description `applied`, `ignored`, `stale`, `parked`, `refused` or `discarded`. */
            state: string;
        };
        /** @description Messages. */
        HisMessageList: {
            /** @description Newest first. */
            messages: components["schemas"]["HisMessageInfo"][];
            /** @description Where the list goes on; nothing at its end. */
            next?: string | null;
        };
        /** @description A reason for which messages wait. */
        HisReasonForm: {
            /** @description Those behind this place: `next` of the answer before. */
            after?: string | null;
            /**
             * Format: int64
             * @description `code` of the messages.
             */
            code: number;
            /** @description `path` of the messages. */
            path: string;
            /** @description `reason` of the messages. */
            reason: string;
            /** @description Of this system. */
            source: string;
        };
        /** @description What became of a message that was tried again. */
        HisReplayed: {
            /** @description It was done before, and left alone. */
            left: boolean;
            /** @description Its state now. */
            state: string;
        };
        /** @description What became of messages that were tried again: 100 at most. */
        HisReplayedAll: {
            /** @description How many became what. */
            became: components["schemas"]["HisCount"][];
            /** @description Where to go on; nothing when all were tried. */
            next?: string | null;
        };
        /** @description The hospital and its words. */
        Hospital: {
            /** @description The start page signs in with one click. */
            demo: boolean;
            /** @description `zh-CN` or `en`: the language of a browser that asks for neither. */
            language: string;
            /** @description Names of lines. */
            lines: components["schemas"]["Choice"][];
            /** @description Names of advertising media. */
            media: components["schemas"]["Choice"][];
            /** @description The name on pages. */
            name: string;
            /** @description How a new caller came to us; the key is the place in this list, from 1. */
            sources: components["schemas"]["Choice"][];
            /** @description Version of the program. */
            version: string;
        };
        /**
         * @description What an agent wants.
         * @enum {string}
         */
        IntentWord: "logged_out" | "ready" | "not_ready";
        /** @description The rows of a day. */
        IntervalReport: {
            /** @description The day. */
            day: string;
            /** @description By id, then by time; only intervals in which something was counted. */
            rows: components["schemas"]["IntervalRow"][];
            /** @description Whose events they are. */
            switch: string;
        };
        /** @description One thing in one interval. */
        IntervalRow: {
            /**
             * Format: int64
             * @description Its end.
             */
            end_us?: number | null;
            /** @description Values by the ids of their metrics; see `/api/reports/metrics`. */
            figures: {
                [key: string]: number;
            };
            /** @description The queue, agent or line. */
            id: string;
            /**
             * Format: int64
             * @description Its beginning, UTC microseconds; null for the whole day.
             */
            start_us?: number | null;
        };
        /** @description One agent as she is. */
        LiveAgent: {
            /** @description What she does, or her reason code. */
            activity: string;
            /** @description The agent. */
            agent: string;
            /**
             * Format: double
             * @description Average handle time today, seconds.
             */
            aht_s?: number | null;
            /**
             * Format: int32
             * @description Conversations of queues today.
             */
            handled: number;
            /**
             * Format: int32
             * @description Offers today that rang out.
             */
            rona: number;
            /**
             * Format: int64
             * @description Since when, UTC microseconds.
             */
            since_us: number;
        };
        /** @description The board of one switch. */
        LiveBoard: {
            /** @description By id. */
            agents: components["schemas"]["LiveAgent"][];
            /**
             * Format: int64
             * @description The moment, UTC microseconds.
             */
            at_us: number;
            /** @description By id. */
            queues: components["schemas"]["LiveQueue"][];
            /** @description Whose it is. */
            switch: string;
        };
        /** @description One queue as it is. */
        LiveQueue: {
            /**
             * Format: int32
             * @description Of these, abandoned.
             */
            abandoned: number;
            /**
             * Format: int32
             * @description Of these, answered.
             */
            answered: number;
            /**
             * Format: int32
             * @description Signed in.
             */
            logged_in: number;
            /**
             * Format: int64
             * @description The longest of their waits, milliseconds.
             */
            longest_wait_ms: number;
            /**
             * Format: int32
             * @description Taking no calls.
             */
            not_ready: number;
            /**
             * Format: int32
             * @description Entries of today.
             */
            offered: number;
            /** @description The queue. */
            queue: string;
            /**
             * Format: int32
             * @description Agents who wait for calls.
             */
            ready: number;
            /**
             * Format: double
             * @description The same of the last 30 minutes.
             */
            recent_cn?: number | null;
            /**
             * Format: int32
             * @description With callers.
             */
            talking: number;
            /**
             * Format: double
             * @description Service level CN of today, 0 to 1; null when there was no entry.
             */
            today_cn?: number | null;
            /**
             * Format: int32
             * @description Callers that wait.
             */
            waiting: number;
            /**
             * Format: int32
             * @description After calls.
             */
            wrap_up: number;
        };
        /** @description Everything a page may see. */
        LiveSnapshot: {
            /** @description Agents: all for a supervisor, otherwise the own one. */
            agents: components["schemas"]["AgentLive"][];
            /** @description Calls: all for a supervisor, otherwise the own ones. */
            calls: components["schemas"]["CallLive"][];
            /** @description Whose page it is. */
            me: components["schemas"]["Me"];
            /** @description Reasons for taking no calls. */
            not_ready_codes: components["schemas"]["NotReadyReason"][];
            offer?: null | components["schemas"]["Offer"];
            /** @description Queues. */
            queues: components["schemas"]["QueueLive"][];
            /**
             * Format: int64
             * @description The desk's clock, UTC microseconds.
             */
            server_time_us: number;
            /** @description The database. */
            storage: components["schemas"]["StorageHealth"];
            /** @description All switches. */
            switches: components["schemas"]["SwitchLive"][];
        };
        /** @description Who is signed in. */
        Me: {
            /** @description Account id. */
            account: string;
            /** @description The agent at the switch, for roles that take calls. */
            agent?: string | null;
            /** @description What was typed to sign in. */
            login: string;
            /** @description What it may do. */
            may: components["schemas"]["Action"][];
            /** @description The name on screens. */
            name: string;
            /** @description What the account is there for. */
            roles: components["schemas"]["Roles"];
        };
        /** @description Two people to join. */
        MergeForm: {
            /** @description Who becomes the other: person id. */
            loser: string;
            /**
             * Format: int64
             * @description The version that was looked at.
             */
            loser_version: number;
            /** @description Why, 1 to 200 characters. */
            reason: string;
            /** @description Who stays: person id. */
            survivor: string;
            /**
             * Format: int64
             * @description The version that was looked at.
             */
            survivor_version: number;
        };
        /** @description A merge. */
        MergeInfo: {
            /**
             * Format: int64
             * @description UTC microseconds.
             */
            at_us: number;
            /** @description Who did it: name of the account, or of the system. */
            by: string;
            /** @description `manual`, or `hl7`: a system of the hospital said so. */
            kind: string;
            /** @description Who became the other. */
            loser: components["schemas"]["PersonCard"];
            /** @description Id. */
            merge: string;
            /** @description Why. */
            reason: string;
            /** @description Who undid it; nothing while it stands. */
            reversed_by?: string | null;
            /**
             * Format: int64
             * @description When, UTC microseconds.
             */
            reversed_us?: number | null;
            /** @description Who stayed. */
            survivor: components["schemas"]["PersonCard"];
        };
        /** @description Merges. */
        MergeList: {
            /** @description At most 50, newest first. */
            merges: components["schemas"]["MergeInfo"][];
        };
        /** @description One message. Its sound is at `/api/recordings/{message}/audio`. */
        MessageInfo: {
            /** @description Whose it is, when it is one person's, by the name on screens. */
            agent_name?: string | null;
            /** @description The call that left it. */
            call: string;
            /** @description Number of the caller, its middle hidden; empty when withheld. */
            caller_masked: string;
            /**
             * Format: int64
             * @description When it is to be handled at the latest, UTC microseconds.
             */
            due_us: number;
            /**
             * Format: int64
             * @description Length, milliseconds.
             */
            duration_ms: number;
            /** @description Who works on it, or decided last, by the name on screens. */
            holder_name?: string | null;
            /**
             * Format: int64
             * @description When it was left, UTC microseconds.
             */
            left_us: number;
            /** @description Its box. */
            mailbox: string;
            /** @description Id, which is its recording's. */
            message: string;
            /** @description The queue whose agents have it. */
            queue?: string | null;
            /** @description `open`, `claimed`, `handled`, or `archived` (its box was full, and nobody has handled it). */
            state: string;
            /**
             * Format: int64
             * @description Since when, UTC microseconds.
             */
            state_us: number;
            /** @description The caller says that it cannot wait. */
            urgent: boolean;
        };
        /** @description Messages. */
        MessageList: {
            /** @description Urgent ones first, then by the time they are due; handled ones the latest first. */
            messages: components["schemas"]["MessageInfo"][];
        };
        /** @description What a figure means. */
        MetricInfo: {
            /** @description How it is computed. */
            formula: string;
            /** @description Its id. */
            id: string;
            /** @description The letter of a service level. */
            letter?: string | null;
            /** @description Its Chinese name. */
            name: string;
            /** @description Its English name. */
            name_en: string;
            /** @description What starts its clock. */
            starts?: string | null;
            /** @description What stops its clock. */
            stops?: string | null;
            /** @description `count`, `share` or `seconds`. */
            unit: string;
        };
        /** @description An account to add. */
        NewAccountForm: {
            /** @description The agent at the switch; only and always for roles that take calls. */
            agent?: string | null;
            /** @description 1 to 64 characters. */
            login: string;
            /** @description 1 to 64 characters. */
            name: string;
            /** @description 8 characters to 256 bytes. */
            password: string;
            /** @description One or more; administrators and services have no other beside. */
            roles: components["schemas"]["Role"][];
        };
        /** @description A person to add. The number comes from the call. */
        NewPersonForm: {
            /** @description `YYYY-MM-DD`. */
            birth_date?: string | null;
            /** @description The call in which the person was met. */
            call?: string | null;
            /** @description At most 64 characters; somebody without a name is 未登记. */
            name?: string;
            sex?: null | components["schemas"]["SexWord"];
            /** @description One of the hospital's sources; empty when not asked. */
            source: string;
        };
        /** @description One reason for which an agent may take no calls. */
        NotReadyReason: {
            /** @description What `PUT /api/me/state` wants. */
            code: string;
            /** @description The name on screens. */
            name: string;
            /** @description Counts as working time. */
            productive: boolean;
        };
        /** @description A note was saved. */
        NoteSaved: {
            /**
             * Format: int64
             * @description When, UTC microseconds.
             */
            at_us: number;
            /**
             * Format: int64
             * @description The version to give with the next save.
             */
            version: number;
        };
        /** @description A note as it is saved. */
        NoteText: {
            /**
             * Format: int64
             * @description Last save, UTC microseconds; nothing when there is no note.
             */
            at_us?: number | null;
            /** @description The text; empty when there is no note. */
            text: string;
            /**
             * Format: int64
             * @description Grows with every save; 0 when there is no note.
             */
            version: number;
        };
        /** @description A note to save. */
        NoteToSave: {
            /** @description At most 4000 characters. */
            text: string;
            /**
             * Format: int64
             * @description The version that was on the screen; 0 for none.
             */
            version: number;
        };
        /**
         * @description Why somebody is not called.
         * @enum {string}
         */
        Obstacle: "deceased" | "opted_out" | "not_asked" | "in_hospital" | "no_number";
        /** @description A phone rings: for whom, and who is calling. */
        Offer: {
            /** @description The agent whose phone rings. */
            agent: string;
            /** @description The call. */
            call: string;
            /**
             * Format: int64
             * @description Number of the offer at its switch.
             */
            offer: number;
            /**
             * Format: int64
             * @description When the phone was asked to ring, UTC microseconds, the switch's clock.
             */
            offered_us: number;
            /** @description Who is calling. */
            pop: components["schemas"]["Pop"];
        };
        /**
         * @description How an offer ended.
         * @enum {string}
         */
        OfferEndedWord: "answered" | "no_answer" | "rejected" | "busy" | "device_lost" | "caller_left" | "lost_race" | "cancelled";
        /** @description One message from a page. What is no such message is ignored. */
        PageMessage: {
            /** @description Call id. */
            call: string;
            /** @enum {string} */
            kind: "painted";
            /**
             * Format: int64
             * @description Number of the offer.
             */
            offer: number;
        } | {
            /** @enum {string} */
            kind: "ping";
        };
        /** @description Two people who may be one. */
        Pair: {
            /** @description One. */
            a: components["schemas"]["PairSide"];
            /** @description The other. */
            b: components["schemas"]["PairSide"];
            /**
             * Format: int64
             * @description When the newest search saw them, UTC microseconds.
             */
            found_us: number;
            /**
             * @description What they share: `id_number`, `insurance_and_birth`, `name_birth_sex_phone`, `name_birth_phone`, `name_phone`,
             *     `name_birth`, `id_number_and_name`.
             */
            rule: string;
            /**
             * Format: int64
             * @description How likely, 0 to 1000.
             */
            score: number;
        };
        /** @description A decision. */
        PairDecided: {
            decision: components["schemas"]["PairDecision"];
        };
        /**
         * @description What somebody decides of a pair.
         * @enum {string}
         */
        PairDecision: "not_duplicate" | "later" | "open";
        /** @description Pairs that may be one person. */
        PairList: {
            /**
             * Format: int64
             * @description How many are open in all.
             */
            open: number;
            /** @description At most 20, those that are likeliest one person first. */
            pairs: components["schemas"]["Pair"][];
        };
        /** @description One of two. */
        PairSide: {
            /** @description `YYYY-MM-DD`. */
            birth_date?: string | null;
            /**
             * Format: int64
             * @description Calls.
             */
            calls: number;
            /** @description At a glance. */
            card: components["schemas"]["PersonCard"];
            /** @description ID number with its middle hidden, when one is known. */
            id_number_masked?: string | null;
            /**
             * Format: int64
             * @description To be given back when they are joined.
             */
            version: number;
            /**
             * Format: int64
             * @description Stays and visits.
             */
            visits: number;
        };
        /** @description A password. */
        PasswordForm: {
            /** @description 8 characters to 256 bytes. */
            password: string;
        };
        /** @description The loudest sample of each slice of time. */
        Peaks: {
            /**
             * Format: int64
             * @description Length of the recording now, milliseconds.
             */
            duration_ms: number;
            /** @description The caller: 0 (silence) to 255. */
            left: number[];
            /**
             * Format: int32
             * @description Slices per second.
             */
            per_second: number;
            /** @description The agent. */
            right: number[];
        };
        /** @description A person at a glance. */
        PersonCard: {
            /**
             * Format: int32
             * @description Whole years, when the birth date is known.
             */
            age?: number | null;
            /** @description One line to be read first; empty when there is none. */
            alert: string;
            /** @description Died. */
            deceased: boolean;
            /** @description The person this one was joined with, and now is; nothing for who stands for themselves. */
            merged_into?: string | null;
            /** @description As written. */
            name: string;
            /** @description Person id. */
            person: string;
            /** @description `patient`, `prospect` or `contact_only`. */
            person_kind: string;
            /** @description Numbers with their middle hidden, the first first. */
            phones: string[];
            /** @description 病历号. */
            record_number?: string | null;
            /** @description As recorded. */
            sex: components["schemas"]["SexWord"];
            /** @description First-touch source; empty when not asked. */
            source: string;
        };
        /** @description A person with what was talked about. */
        PersonFile: {
            /** @description Address to the district; empty when none is known. */
            address_masked: string;
            /** @description `YYYY-MM-DD`. */
            birth_date?: string | null;
            /** @description At a glance. */
            card: components["schemas"]["PersonCard"];
            /** @description Earlier contacts, newest first. */
            contacts: components["schemas"]["Contact"][];
            /** @description ID number with its middle hidden, when one is known. */
            id_number_masked?: string | null;
            /** @description Numbers with their middle hidden, the first first. */
            phones: string[];
            /** @description Stays and visits, the newest first, at most 50. */
            visits: components["schemas"]["VisitInfo"][];
        };
        /** @description People who were found. */
        PersonList: {
            /** @description At most 20. */
            persons: components["schemas"]["PersonCard"][];
        };
        /** @description A person by name. */
        PersonName: {
            /** @description As written. */
            name: string;
            /** @description Person id. */
            person: string;
        };
        /** @description Who is calling. */
        Pop: {
            /** @description The call. */
            call: string;
            /** @description The caller's number with its middle hidden; empty when withheld. */
            caller_masked: string;
            /** @description What the network sent as a name: text, never markup. */
            caller_name: string;
            /** @description Who it may be, the likeliest first; none for a stranger. */
            candidates: components["schemas"]["Candidate"][];
            /** @description Person id, when somebody or the only candidate was chosen. */
            chosen?: string | null;
            /** @description Nodes of the menu that were passed. */
            ivr: string[];
            /** @description The line. */
            line: string;
            /** @description Advertising medium of the dialled number; may be empty. */
            medium: string;
            /** @description Earlier calls of this number, newest first, whoever called. */
            number_contacts: components["schemas"]["Contact"][];
            /** @description Where the number was issued, as `山东 滨州`; empty when not known. */
            place: string;
            /** @description The queue. */
            queue?: string | null;
            /** @description The database did not answer: only the number is known. The pop comes again when it does. */
            stale: boolean;
            /**
             * Format: int64
             * @description Since when the caller waits, UTC microseconds, the switch's clock.
             */
            waited_since_us?: number | null;
            /** @description The caller hides the number. */
            withheld: boolean;
        };
        /** @description A refused request. `code` is for programs and never changes; `title` is for people. */
        Problem: {
            /** @description The problem's fixed name. */
            code: string;
            current?: null | components["schemas"]["NoteText"];
            /** @description What exactly was wrong; may be absent. */
            detail?: string | null;
            /**
             * Format: int32
             * @description HTTP status.
             */
            status: number;
            /** @description One sentence in the language of the browser. */
            title: string;
            /** @description `urn:careline:problem:<code>`. */
            type: string;
        };
        /**
         * @description What something is for.
         * @enum {string}
         */
        Purpose: "care_followup" | "survey" | "marketing" | "sms" | "recording_use" | "family_disclosure" | "research";
        /** @description What holds of one purpose. */
        PurposeInfo: {
            obstacle?: null | components["schemas"]["Obstacle"];
            /** @description For what. */
            purpose: components["schemas"]["Purpose"];
            state?: null | components["schemas"]["ConsentState"];
            /**
             * Format: int64
             * @description It holds until then, UTC microseconds.
             */
            until_us?: number | null;
        };
        /** @description One queue. */
        QueueLive: {
            /**
             * Format: int32
             * @description Agents who could take a call; at most a second old.
             */
            agents_routable: number;
            /**
             * Format: int64
             * @description Since when the one who waits longest waits, UTC microseconds.
             */
            longest_since_us?: number | null;
            /** @description The name on screens. */
            name: string;
            /** @description Id. */
            queue: string;
            /** @description Callers who wait, also those for whom a phone rings. */
            waiting: number;
        };
        /** @description One recording. */
        RecordingInfo: {
            /** @description False when a part is missing. */
            complete?: boolean | null;
            /**
             * Format: int64
             * @description Length, milliseconds; nothing while it grows.
             */
            duration_ms?: number | null;
            /**
             * Format: int64
             * @description When it was closed; nothing while it grows.
             */
            finished_us?: number | null;
            /** @description Id. */
            recording: string;
            /**
             * Format: int64
             * @description Its beginning, UTC microseconds.
             */
            started_us?: number | null;
        };
        /** @description What is to be seen, and why. */
        RevealForm: {
            field: components["schemas"]["RevealedField"];
            /** @description 2 to 200 characters; kept with who asked. */
            reason: string;
        };
        /** @description The whole of it. */
        Revealed: {
            /** @description Nothing when it is not known. */
            value?: string | null;
        };
        /**
         * @description What is to be seen whole.
         * @enum {string}
         */
        RevealedField: "id_number" | "address";
        /**
         * @description What an account is there for.
         * @enum {string}
         */
        Role: "agent" | "follow_up_nurse" | "supervisor" | "quality" | "department" | "manager" | "system_admin" | "security_admin" | "audit_admin" | "service";
        /** @description The roles of an account, one or more. */
        Roles: components["schemas"]["Role"][];
        /** @description What an account is there for. */
        RolesForm: {
            /** @description One or more; administrators and services have no other beside. */
            roles: components["schemas"]["Role"][];
        };
        /** @description The messages to pages. */
        ServerBody: (components["schemas"]["LiveSnapshot"] & {
            /** @enum {string} */
            kind: "snapshot";
        }) | {
            /** @description The call. */
            call: components["schemas"]["CallLive"];
            /** @enum {string} */
            kind: "call";
        } | {
            /** @description Call id. */
            call: string;
            /** @enum {string} */
            kind: "call_gone";
        } | {
            /** @description The agent. */
            agent: components["schemas"]["AgentLive"];
            /** @enum {string} */
            kind: "agent";
        } | {
            /** @enum {string} */
            kind: "queue";
            /** @description The queue. */
            queue: components["schemas"]["QueueLive"];
        } | {
            /** @enum {string} */
            kind: "switch";
            /** @description The switch. */
            switch: components["schemas"]["SwitchLive"];
        } | {
            /** @enum {string} */
            kind: "storage";
            /** @description How it is now. */
            storage: components["schemas"]["StorageHealth"];
        } | {
            /** @enum {string} */
            kind: "offer";
            /** @description The offer with the pop. */
            offer: components["schemas"]["Offer"];
        } | {
            /** @description Call id. */
            call: string;
            /** @enum {string} */
            kind: "offer_ended";
            /**
             * Format: int64
             * @description Number of the offer.
             */
            offer: number;
            /** @description How it ended. */
            outcome: components["schemas"]["OfferEndedWord"];
        } | {
            /** @description Call id. */
            call: string;
            /** @enum {string} */
            kind: "transfer_ended";
            /** @description How it ended. */
            outcome: components["schemas"]["TransferEndedWord"];
            /** @description To whom: the name on screens where the extension is an agent's, otherwise the number with its middle hidden. */
            to: string;
        } | {
            /** @description Call id. */
            call: string;
            /** @description Closed. */
            finished: boolean;
            /** @enum {string} */
            kind: "recording";
            /** @description Recording id. */
            recording: string;
        } | {
            /** @enum {string} */
            kind: "superseded";
        } | {
            /** @enum {string} */
            kind: "pong";
        };
        /** @description One message to a page. */
        ServerMessage: components["schemas"]["ServerBody"] & {
            /**
             * Format: int64
             * @description From 1, growing by one within a connection.
             */
            seq: number;
        };
        /**
         * @description Sex as recorded.
         * @enum {string}
         */
        SexWord: "male" | "female" | "unknown";
        /** @description Whether an account may be used. */
        StateForm: {
            /** @description May not sign in any more; who is signed in is out at once. */
            disabled: boolean;
        };
        /**
         * @description How the database is, in one word for pages.
         * @enum {string}
         */
        StorageHealth: "ok" | "locked" | "read_only" | "failed" | "away";
        /** @description Whether a switch is followed. */
        SwitchLive: {
            /** @description False: what pages show of it is as old as the connection's end. */
            connected: boolean;
            /** @description Id of the configuration. */
            id: string;
        };
        /**
         * @description How a transfer ended.
         * @enum {string}
         */
        TransferEndedWord: "connected" | "no_answer" | "rejected" | "busy" | "unreachable" | "caller_left" | "cancelled";
        /** @description One transfer. */
        TransferInfo: {
            /** @description Who passed the party on, by the name on screens. */
            agent_name: string;
            /** @description The agent had spoken to the third party before. */
            attended: boolean;
            /**
             * Format: int64
             * @description Its beginning, UTC microseconds.
             */
            began_us: number;
            /**
             * @description How it ended: `connected`, `no_answer`, `rejected`, `busy`, `unreachable`, `caller_left`, `cancelled`; nothing
             *     while the third party is rung.
             */
            outcome?: string | null;
            /**
             * Format: int64
             * @description From its beginning to its end, milliseconds.
             */
            ring_ms?: number | null;
            /** @description To whom: the name on screens where the extension is an agent's, otherwise the number with its middle hidden. */
            to: string;
        };
        /** @description What undoing a merge left open. */
        Unmerged: {
            /** @description Calls since the merge that stay with the survivor, at most 50. */
            stayed_calls: string[];
        };
        /** @description A stay or a visit, as the hospital's systems tell of it. */
        VisitInfo: {
            /**
             * Format: int64
             * @description UTC microseconds.
             */
            admitted_us?: number | null;
            /** @description In the ward. */
            bed: string;
            /** @description `inpatient`, `outpatient`, `emergency` or `other`. */
            class: string;
            /** @description The hospital's code. */
            department: string;
            /**
             * Format: int64
             * @description UTC microseconds.
             */
            discharged_us?: number | null;
            /** @description Who is in charge. */
            doctor: string;
            /** @description The system's number of it. */
            number: string;
            /** @description `planned`, `present`, `left` or `cancelled`. */
            state: string;
            /** @description The hospital's code. */
            ward: string;
        };
        /** @description What a message is to be. */
        WantedMessage: {
            /** @enum {string} */
            state: "open";
        } | {
            /** @enum {string} */
            state: "claimed";
        } | {
            /** @enum {string} */
            state: "handled";
        } | {
            /** @enum {string} */
            state: "archived";
        };
        /** @description What the agent wants. */
        WantedState: {
            /** @enum {string} */
            intent: "ready";
        } | {
            /** @description One of the snapshot's `not_ready_codes`. */
            code: string;
            /** @enum {string} */
            intent: "not_ready";
        };
        /**
         * @description What an agent does.
         * @enum {string}
         */
        WorkWord: "idle" | "reserved" | "ringing" | "connecting" | "talking" | "dialing" | "wrap_up" | "preview";
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
