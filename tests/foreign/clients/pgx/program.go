// pgx v5: every way it can send a query, binary and text, batches and pipelines, cursors, COPY, contexts that end, the pool,
// database/sql on top of it.
package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
	_ "github.com/jackc/pgx/v5/stdlib"
)

const (
	tame    = "select * from kinds where id < $1 order by id"
	rows    = "select site, device, ts, temp, price, note from readings order by site, device, ts"
	endless = "select count(*) from readings a, readings b, readings c, readings d where a.temp + b.temp + c.temp + d.temp > 1e9"
)

var (
	ctx = context.Background()
	url = "postgres:" + os.Getenv("CLIENT_URL") + "?sslmode=disable"
)

func outcomeOf(err error) any {
	var server *pgconn.PgError
	if errors.As(err, &server) {
		return map[string]any{"severity": server.Severity, "code": server.Code, "message": server.Message, "position": server.Position, "detail": server.Detail}
	}
	text := strings.Split(err.Error(), "\n")[0]
	return map[string]any{"error": text}
}

func connect(more string) *pgx.Conn {
	connection, err := pgx.Connect(ctx, url+more)
	if err != nil {
		panic(err)
	}
	return connection
}

type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

func all(on querier, text string, arguments ...any) (any, error) {
	found, err := on.Query(ctx, text, arguments...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(found, func(row pgx.CollectableRow) ([]any, error) { return row.Values() })
}

func ask(connection *pgx.Conn, name, text string, arguments ...any) {
	step(name, func() (any, error) { return all(connection, text, arguments...) })
}

func described(connection *pgx.Conn) {
	step("described", func() (any, error) {
		about, err := connection.Prepare(ctx, "", "select r.*, 1 as one, h.n from readings r join hourly h using (site) where device = $1 and price > $2")
		if err != nil {
			return nil, err
		}
		var fields []any
		for _, f := range about.Fields {
			fields = append(fields, []any{f.Name, f.TableOID > 0, int(f.TableAttributeNumber), f.DataTypeOID, int(f.DataTypeSize), f.TypeModifier})
		}
		return []any{about.ParamOIDs, fields}, nil
	})
}

func modes(connection *pgx.Conn) {
	for name, mode := range map[string]pgx.QueryExecMode{
		"cache statement": pgx.QueryExecModeCacheStatement, "cache describe": pgx.QueryExecModeCacheDescribe,
		"describe exec": pgx.QueryExecModeDescribeExec, "exec": pgx.QueryExecModeExec, "simple protocol": pgx.QueryExecModeSimpleProtocol,
	} {
		ask(connection, "every type, "+name, tame, mode, 32)
		ask(connection, "conditions, "+name, "select site, count(*), max(temp) from readings where device = $1 and ts >= $2 group by 1 order by 1", mode, 3,
			time.Date(2024, 4, 1, 0, 0, 0, 0, time.UTC))
		step("many times, "+name, func() (any, error) {
			var got []any
			for device := range 5 {
				found, err := all(connection, "select count(*), min(ts) from readings where device = $1", mode, device)
				if err != nil {
					return nil, err
				}
				got = append(got, found)
			}
			return got, nil
		})
	}
	ask(connection, "text results", tame, pgx.QueryResultFormats{pgx.TextFormatCode}, 32)
	ask(connection, "extremes", "select id, i8, f8, n, t, by, iv, u, jb, ai, at from kinds where id between 32 and 46 order by id")
	ask(connection, "infinities", "select id, d, ts, tz from kinds where id between 47 and 51 order by id")
	ask(connection, "odd names", `select * from plant."Odd names" order by 1`)
}

func values(connection *pgx.Conn) {
	for _, one := range []struct {
		as    string
		value any
	}{
		{"boolean", true}, {"smallint", int16(-32768)}, {"integer", 5}, {"bigint", int64(-1 << 62)}, {"real", float32(1.5)},
		{"double precision", 0.1}, {"numeric", pgtype.Numeric{Int: nil, NaN: true, Valid: true}}, {"numeric", "123456789.50"}, {"text", "é'東\\"},
		{"varchar(3)", "abc"}, {"bytea", []byte{0, 255}}, {"date", time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)},
		{"time", pgtype.Time{Microseconds: 3723000004, Valid: true}}, {"timestamp", time.Date(2024, 3, 31, 2, 30, 0, 123456000, time.UTC)},
		{"timestamptz", time.Date(2024, 3, 31, 2, 30, 0, 1000, time.UTC)}, {"interval", pgtype.Interval{Months: 1, Days: -2, Microseconds: 5, Valid: true}},
		{"uuid", "00000000-0000-0000-0000-000000000005"}, {"jsonb", map[string]any{"a": []any{1, nil}}}, {"integer[]", []int32{1, 2, 3}},
		{"text[]", []string{"a", `b"c`, ""}}, {"timestamptz[]", []time.Time{time.Unix(0, 0)}}, {"integer", nil},
	} {
		for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeCacheStatement, pgx.QueryExecModeSimpleProtocol} {
			ask(connection, fmt.Sprintf("%s %v, %s", one.as, one.value, mode), "select $1::"+one.as, mode, one.value)
		}
	}
	ask(connection, "any", "select device, count(*) from readings where device = any($1) group by 1 order by 1", []int{1, 3})
	ask(connection, "named arguments", "select count(*) from readings where site = @site and device = @device", pgx.NamedArgs{"site": "north", "device": 1})
	step("an unknown type", func() (any, error) { return all(connection, "select $1::inet", netip.MustParseAddr("10.0.0.1")) })
	step("structs", func() (any, error) {
		type device struct {
			Device int
			Model  string
			Tags   []string
		}
		found, _ := connection.Query(ctx, "select device, model, tags from devices order by device")
		return pgx.CollectRows(found, pgx.RowToStructByName[device])
	})
}

func failing(connection *pgx.Conn) {
	for _, text := range []string{
		"select * form readings", "select * from nowhere", "select nothing from readings", "select nothing(1)", "select 'x'::integer",
		"select 1/0", "delete from readings",
	} {
		ask(connection, "error: "+text, text)
	}
	ask(connection, "bad argument", "select $1::integer", "x")
	step("after an error in a transaction", func() (any, error) {
		transaction, err := connection.Begin(ctx)
		if err != nil {
			return nil, err
		}
		var got []any
		for _, text := range []string{"select 1", "select 1/0", "select 2"} {
			found, err := all(transaction, text)
			if err != nil {
				found = outcomeOf(err)
			}
			got = append(got, found)
		}
		return append(got, fmt.Sprint(transaction.Commit(ctx))), nil
	})
	step("nested transactions", func() (any, error) {
		transaction, err := connection.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
		if err != nil {
			return nil, err
		}
		inner, err := transaction.Begin(ctx)
		if err != nil {
			return nil, err
		}
		_, failed := all(inner, "select 1/0")
		if err := inner.Rollback(ctx); err != nil {
			return nil, err
		}
		found, err := all(transaction, "show transaction_isolation")
		if err != nil {
			return nil, err
		}
		return []any{outcomeOf(failed), found}, transaction.Commit(ctx)
	})
}

func batches(connection *pgx.Conn) {
	step("batch", func() (any, error) {
		var batch pgx.Batch
		for device := range 4 {
			batch.Queue("select count(*) from readings where device = $1", device)
		}
		batch.Queue("select 1/0")
		batch.Queue("select 2")
		results := connection.SendBatch(ctx, &batch)
		var got []any
		for range 6 {
			found, err := results.Query()
			if err == nil {
				var values [][]any
				values, err = pgx.CollectRows(found, func(row pgx.CollectableRow) ([]any, error) { return row.Values() })
				got = append(got, values)
			}
			if err != nil {
				got = append(got, outcomeOf(err))
			}
		}
		results.Close()
		return got, nil
	})
	step("pipeline", func() (any, error) {
		pipeline := connection.PgConn().StartPipeline(ctx)
		pipeline.SendPrepare("p", "select $1::int + 1 as v", nil)
		pipeline.SendQueryPrepared("p", [][]byte{[]byte("1")}, nil, nil)
		pipeline.SendPipelineSync()
		pipeline.SendQueryPrepared("p", [][]byte{[]byte("x")}, nil, nil)
		pipeline.SendQueryPrepared("p", [][]byte{[]byte("2")}, nil, nil)
		pipeline.SendPipelineSync()
		pipeline.SendQueryPrepared("p", [][]byte{[]byte("3")}, nil, nil)
		pipeline.SendDeallocate("p")
		if err := pipeline.Sync(); err != nil {
			return nil, err
		}
		var got []any
		for {
			found, err := pipeline.GetResults()
			switch found := found.(type) {
			case *pgconn.ResultReader:
				result := found.Read()
				got = append(got, fmt.Sprintf("%s %s", result.Rows, result.CommandTag))
			case nil:
				if err == nil {
					return got, pipeline.Close()
				}
				got = append(got, outcomeOf(err))
			default:
				got = append(got, fmt.Sprintf("%T", found))
			}
		}
	})
	step("several statements", func() (any, error) {
		results, err := connection.PgConn().Exec(ctx, "select 1; set TimeZone = 'UTC'; select 'x', 2; show TimeZone").ReadAll()
		var got []any
		for _, result := range results {
			got = append(got, fmt.Sprintf("%s %s", result.Rows, result.CommandTag))
		}
		return got, err
	})
	step("rows left early", func() (any, error) {
		found, err := connection.Query(ctx, rows)
		if err != nil {
			return nil, err
		}
		found.Next()
		first, _ := found.Values()
		found.Close()
		after, err := all(connection, "select 1")
		return []any{first, found.CommandTag().String(), after}, err
	})
	step("cursor", func() (any, error) {
		transaction, err := connection.Begin(ctx)
		if err != nil {
			return nil, err
		}
		defer func() { _ = transaction.Rollback(ctx) }()
		if _, err := transaction.Exec(ctx, "declare c cursor for "+rows); err != nil {
			return nil, err
		}
		var got []any
		for range 3 {
			found, err := all(transaction, "fetch forward 7 from c")
			if err != nil {
				return nil, err
			}
			got = append(got, found)
		}
		return got, nil
	})
}

func copies(connection *pgx.Conn) {
	step("copy out", func() (any, error) {
		var written bytes.Buffer
		tag, err := connection.PgConn().CopyTo(ctx, &written, "copy ("+rows+" limit 10) to stdout (format csv, header)")
		return []any{tag.String(), written.String()}, err
	})
	step("temporary table", func() (any, error) {
		tag, err := connection.Exec(ctx, "create temp table picked (device integer, label text, at timestamptz)")
		return tag.String(), err
	})
	step("copy from", func() (any, error) {
		from := [][]any{{1, "one", time.Unix(0, 0)}, {2, nil, nil}, {3, "thr\tee", time.Unix(1, 0)}}
		return connection.CopyFrom(ctx, pgx.Identifier{"picked"}, []string{"device", "label", "at"}, pgx.CopyFromRows(from))
	})
	step("insert", func() (any, error) {
		tag, err := connection.Exec(ctx, "insert into picked (device, label) values ($1, $2)", 4, "four")
		return tag.String(), err
	})
	ask(connection, "joined with the copied", "select label, at, count(*) from readings join picked using (device) group by 1, 2 order by 1, 2")
}

func ended(connection *pgx.Conn) {
	step("context that ends", func() (any, error) {
		other := connect("")
		within, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
		defer cancel()
		_, err := other.Exec(within, endless)
		return []any{errors.Is(err, context.DeadlineExceeded), other.IsClosed()}, nil
	})
	step("cancel request", func() (any, error) {
		go func() {
			time.Sleep(300 * time.Millisecond)
			_ = connection.PgConn().CancelRequest(ctx)
		}()
		return all(connection, endless)
	})
	ask(connection, "after the cancel", "select 1")
	step("settings of the connection", func() (any, error) {
		other := connect("&statement_timeout=200&application_name=from%20go&options=-c%20search_path%3Dplant")
		defer other.Close(ctx)
		found, err := all(other, "select current_setting('application_name'), current_setting('search_path'), current_setting('statement_timeout')")
		if err != nil {
			return nil, err
		}
		_, timeout := all(other, endless)
		return []any{found, outcomeOf(timeout), other.PgConn().ParameterStatus("application_name")}, nil
	})
	for _, session := range []string{"read-write", "primary", "any", "prefer-standby"} {
		step("target_session_attrs "+session, func() (any, error) {
			other, err := pgx.Connect(ctx, url+"&target_session_attrs="+session)
			if err != nil {
				return nil, err
			}
			defer other.Close(ctx)
			return all(other, "select 1")
		})
	}
	step("TLS refused", func() (any, error) {
		_, err := pgx.Connect(ctx, strings.Replace(url, "disable", "require", 1))
		return strings.Contains(err.Error(), "server refused TLS connection"), nil
	})
	step("listen", func() (any, error) {
		tag, err := connection.Exec(ctx, "listen news")
		return tag.String(), err
	})
}

func pools() {
	step("pool", func() (any, error) {
		pool, err := pgxpool.New(ctx, url+"&pool_max_conns=3")
		if err != nil {
			return nil, err
		}
		defer pool.Close()
		got := make([]any, 8)
		done := make(chan error)
		for device := range got {
			go func() {
				var err error
				got[device], err = all(pool, "select count(*) from readings where device = $1", device)
				done <- err
			}()
		}
		for range got {
			if err := <-done; err != nil {
				return nil, err
			}
		}
		return got, pool.Ping(ctx)
	})
	step("database/sql", func() (any, error) {
		db, err := sql.Open("pgx", url)
		if err != nil {
			return nil, err
		}
		defer db.Close()
		found, err := db.Query("select site, day, price, more from readings join devices using (device) where price > $1 order by site, ts limit 3", 5)
		if err != nil {
			return nil, err
		}
		kinds, _ := found.ColumnTypes()
		var got []any
		for _, kind := range kinds {
			length, variable := kind.Length()
			precision, scale, decimal := kind.DecimalSize()
			got = append(got, []any{kind.Name(), kind.DatabaseTypeName(), kind.ScanType().String(), length, variable, precision, scale, decimal})
		}
		for found.Next() {
			values := make([]any, len(kinds))
			into := make([]any, len(kinds))
			for i := range values {
				into[i] = &values[i]
			}
			if err := found.Scan(into...); err != nil {
				return nil, err
			}
			got = append(got, values)
		}
		return got, found.Err()
	})
}

func main() {
	sayVersion("github.com/jackc/pgx/v5")
	connection := connect("")
	described(connection)
	modes(connection)
	values(connection)
	failing(connection)
	batches(connection)
	copies(connection)
	ended(connection)
	connection.Close(ctx)
	pools()
}
